import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { shredFile, syncDirectory } from '../files.ts'

/** Suffix of files that are being made, or overwritten before they are removed; what a crash leaves of them is removed at opening. */
export const TEMPORARY = '.tmp'

/** Another name for a file on its way in or out. */
export function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}${TEMPORARY}`
}

/**
 * Takes a file away: first its name, so that nobody opens it any more and whoever has it open can see that, then its bytes.
 * A crash between leaves a temporary file. Nothing when there is none.
 */
export async function discardFile(path: string): Promise<void> {
  await shredNamed(hideFile(path))
}

/** The first half of {@link discardFile}: the name under which the file waits to be overwritten. */
export function hideFile(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const hidden = temporaryName(path)
  renameSync(path, hidden)
  return hidden
}

/** The second half of {@link discardFile}. */
export async function shredNamed(hidden: string | undefined): Promise<void> {
  if (hidden !== undefined) await shredFile(hidden)
}

/** Puts a durable file in the place of another, whose bytes are overwritten. A crash leaves the old one or the new. */
export async function exchangeFile(from: string, path: string): Promise<void> {
  const old = temporaryName(path)
  linkSync(path, old)
  renameSync(from, path)
  syncDirectory(dirname(path))
  await shredFile(old)
}

/** Removes what a crash has left of files that were being made or removed. */
export async function discardTemporary(chunks: string): Promise<void> {
  for (const chunk of readdirSync(chunks, { withFileTypes: true })) {
    if (!chunk.isDirectory()) continue
    const dir = join(chunks, chunk.name)
    for (const name of readdirSync(dir)) if (name.endsWith(TEMPORARY)) await discardOne(join(dir, name))
  }
}

async function discardOne(path: string): Promise<void> {
  // A second name of a file that was about to be exchanged: its bytes are in use.
  if (statSync(path).nlink > 1) rmSync(path)
  else await shredFile(path)
}
