import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Check } from '../lib/report.ts'
import { searchPath } from '../lib/run.ts'
import { ROOT, readJson } from '../lib/workspace.ts'

/** Exports that nothing in the workspace imports and that stay, as `path#name`. */
const ALLOWED = join(import.meta.dirname, '../allowed-exports.json')
/** Kinds of findings that are never right. */
const NEVER = ['files', 'dependencies', 'devDependencies', 'unlisted', 'unresolved', 'duplicates'] as const

type Kind = (typeof NEVER)[number] | 'exports' | 'types'
interface Finding {
  readonly name: string
}
type Issue = { readonly file: string } & Readonly<
  Partial<Record<Kind, readonly (Finding | readonly Finding[])[]>>
>

/** What nothing uses: files, dependencies, exports (knip). Types are counted, for an interface may wait for its users. */
export function unusedChecks(): readonly Check[] {
  const { status, stdout, stderr } = spawnSync(
    'knip',
    ['--reporter', 'json', '--no-progress', '--no-exit-code'],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, PATH: searchPath() },
      shell: process.platform === 'win32',
    },
  )
  if (status !== 0) return [{ name: 'knip', problems: [`${stdout}${stderr}`.trim()] }]
  const { issues } = JSON.parse(stdout) as { readonly issues: readonly Issue[] }
  const allowed = new Set(readJson<readonly string[]>(ALLOWED))
  const exported = new Set(findings(issues, 'exports'))
  const types = findings(issues, 'types')
  return [
    ...NEVER.map(kind => ({ name: `unused and wrong: ${kind}`, problems: findings(issues, kind) })),
    {
      name: 'unused and wrong: exports',
      problems: [
        ...[...exported.difference(allowed)].map(name => `${name} is used by nobody`),
        ...[...allowed.difference(exported)].map(name => `${name} is allowed needlessly`),
      ],
      note: `${types.length} unused exported types; see npx knip`,
    },
  ]
}

function findings(issues: readonly Issue[], kind: Kind): readonly string[] {
  return issues.flatMap(issue =>
    (issue[kind] ?? []).map(found => {
      const names = (Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding]).map(
        one => one.name,
      )
      return names[0] === issue.file ? issue.file : `${issue.file}#${names.join(', ')}`
    }),
  )
}
