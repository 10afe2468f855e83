import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from '../lib/report.ts'
import { allPackages, type Manifest, packages, ROOT } from '../lib/workspace.ts'

const PAGE = 'docs/design/dependencies.md'
/** The kernel depends on nothing else at run time. */
const KERNEL: Readonly<Record<string, readonly string[]>> = { '@annals/tlog': [], annals: ['@annals/tlog'] }

/** Every dependency has its line, every line its dependency; the kernel stays free of them. */
export function dependencyChecks(): readonly Check[] {
  const path = join(ROOT, PAGE)
  const listed = namesIn(existsSync(path) ? readFileSync(path, 'utf8') : '')
  const own = new Set(packages().map(one => one.manifest.name))
  const used = new Set(
    allPackages()
      .flatMap(one => everyDependency(one.manifest))
      .filter(name => !own.has(name)),
  )
  return [
    {
      name: `${PAGE} has every dependency and no other`,
      problems: [
        ...[...used.difference(listed)].map(name => `${name} has no line that says what it saves us`),
        ...[...listed.difference(used)].map(name => `${name} is not a dependency`),
      ],
      note: `${used.size} dependencies`,
    },
    {
      name: 'the kernel has no runtime dependency',
      problems: packages().flatMap(one => excess(one.manifest)),
    },
  ]
}

/** Names in the first column of the tables of a page. */
export function namesIn(page: string): ReadonlySet<string> {
  return new Set([...page.matchAll(/^\| `([^`]+)` +\|/gm)].map(match => match[1] ?? ''))
}

function everyDependency(manifest: Manifest): readonly string[] {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies })
}

function excess({ name, dependencies, optionalDependencies }: Manifest): readonly string[] {
  const allowed = KERNEL[name]
  if (allowed === undefined) return []
  return Object.keys({ ...dependencies, ...optionalDependencies })
    .filter(one => !allowed.includes(one))
    .map(one => `${name} must not depend on ${one}`)
}
