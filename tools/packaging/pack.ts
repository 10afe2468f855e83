import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { searchPath } from '../lib/run.ts'
import type { Package } from '../lib/workspace.ts'

/** A package as npm would publish it. */
export interface Packed {
  readonly source: Package
  readonly tarball: string
  /** Paths inside the package. */
  readonly files: readonly string[]
}

interface PackResult {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** Packs a package into a directory. */
export function pack(source: Package, into: string): Packed {
  const words = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', into]
  const text = execFileSync('npm', words, {
    cwd: source.dir,
    encoding: 'utf8',
    env: { ...process.env, PATH: searchPath() },
    shell: process.platform === 'win32',
  })
  const [result] = Object.values(JSON.parse(text) as Record<string, PackResult>)
  if (result === undefined) throw new Error(`npm pack of ${source.path} answered: ${text}`)
  return { source, tarball: join(into, result.filename), files: result.files.map(file => file.path) }
}
