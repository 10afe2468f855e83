import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Check } from '../lib/report.ts'
import { ROOT, readJson } from '../lib/workspace.ts'

const FILE = join(import.meta.dirname, '../size-ceilings.json')
/** Room above today's size when a ceiling is set. */
const ROOM = 1.1

/** A bundle and how large it may become. */
interface Ceiling {
  /** What an application imports. */
  readonly entry: string
  /** `all` for everything, or the names that it imports. */
  readonly imports: 'all' | readonly string[]
  readonly platform: 'browser' | 'node'
  /** Bytes, minified and gzipped. */
  readonly ceiling: number
}

/** What an application loads stays below its ceiling; a ceiling is raised in the commit that needs it. */
export async function sizeChecks(): Promise<readonly Check[]> {
  const checks: Check[] = []
  for (const one of ceilings()) {
    const { entry, imports, platform, ceiling } = one
    const what = imports === 'all' ? entry : `${imports.join(', ')} of ${entry}`
    const name = `size of ${what} (${platform})`
    try {
      const size = await sizeOf(one)
      const problems =
        size > ceiling ? [`${size - ceiling} bytes over; raise with: npm run packaging -- --raise`] : []
      checks.push({ name, problems, note: `${size} of ${ceiling} bytes` })
    } catch (error) {
      checks.push({ name, problems: [error instanceof Error ? error.message : String(error)] })
    }
  }
  return checks
}

/** Sets every ceiling to today's size and some room. */
export async function raiseCeilings(): Promise<void> {
  const raised = await Promise.all(
    ceilings().map(async one => ({ ...one, ceiling: Math.ceil(((await sizeOf(one)) * ROOM) / 100) * 100 })),
  )
  writeFileSync(FILE, `${JSON.stringify(raised, undefined, 2)}\n`)
}

function ceilings(): readonly Ceiling[] {
  return readJson<readonly Ceiling[]>(FILE)
}

/** Bytes of a bundle of the built package, without what Node.js brings. */
async function sizeOf({ entry, imports, platform }: Ceiling): Promise<number> {
  const names = imports === 'all' ? '*' : `{ ${imports.join(', ')} }`
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from '${entry}'`, resolveDir: join(ROOT, 'tools') },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    platform,
    // What a user installs only when they use it.
    external: optionalPeers(),
    splitting: false,
    logLevel: 'silent',
  })
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).byteLength
}

function optionalPeers(): string[] {
  const { peerDependencies = {} } = readJson<{ readonly peerDependencies?: Record<string, string> }>(
    join(ROOT, 'packages/annals/package.json'),
  )
  return Object.keys(peerDependencies)
}
