import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Layout, layoutOf } from '../layout.ts'
import { createKeyEncryption, type KeyEncryption } from './key-encryption.ts'

const CHILD = new URL('./dying-child.test-support.ts', import.meta.url).pathname

/** The key directory of a log that has nothing else. */
export async function newKeys(): Promise<{ readonly layout: Layout; readonly kek: KeyEncryption }> {
  const layout = layoutOf(newDirectory())
  mkdirSync(layout.keys)
  return { layout, kek: await createKeyEncryption(layout) }
}

/** A directory of its own for one test. */
export function newDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-keys-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Names of the files below a directory that hold a byte string. */
export function filesWith(dir: string, bytes: Uint8Array | string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => readFileSync(path).includes(Buffer.from(bytes)))
}

/** Names of what is in the key directory, with those below it. */
export function namesIn(layout: Layout): string[] {
  return readdirSync(layout.keys, { recursive: true }).map(String).sort()
}

/** Lets a process change secrets and die before a file operation on them; true when it lived to the end. */
export function changeUntilDeath(dir: string, what: 'destroy' | 'kek' | 'log', operation: number): boolean {
  const { stdout, stderr, signal } = spawnSync(
    process.execPath,
    ['--conditions=annals-source', '--no-warnings', CHILD, dir, what, String(operation)],
    { encoding: 'utf8', timeout: 20_000 },
  )
  if (stdout === 'done\n') return true
  if (signal !== 'SIGKILL' || stderr !== '') throw new Error(`the child did not die as it should: ${stderr}`)
  return false
}
