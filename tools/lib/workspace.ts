import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The repository. */
export const ROOT: string = join(import.meta.dirname, '../..')

/** What the tools read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** A package of the workspace. */
export interface Package {
  /** Path from the root; the root itself is `.`. */
  readonly path: string
  readonly dir: string
  readonly manifest: Manifest
}

/** Reads JSON that the project itself wrote. */
export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}

/** Every package under packages/, by path. */
export function packages(): readonly Package[] {
  return globSync('packages/*/package.json', { cwd: ROOT })
    .sort()
    .map(file => read(dirname(file)))
}

/** Packages that are published. */
export function publicPackages(): readonly Package[] {
  return packages().filter(one => one.manifest.private !== true)
}

/** Every package.json of the project: the root, packages, bench. */
export function allPackages(): readonly Package[] {
  return [read('.'), ...packages(), ...(existsSync(join(ROOT, 'bench/package.json')) ? [read('bench')] : [])]
}

function read(path: string): Package {
  const dir = join(ROOT, path)
  return { path, dir, manifest: readJson<Manifest>(join(dir, 'package.json')) }
}
