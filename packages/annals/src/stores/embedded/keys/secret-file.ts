import { randomBytes } from 'node:crypto'
import { linkSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { overwrite, shredFile, syncDirectory } from '../files.ts'

/** The old content of a file that was replaced, until it is overwritten. */
const OLD = '.old'
const TEMPORARY = '.tmp'

/**
 * Replaces a file of secrets as a whole, durably, and destroys what it held: the bytes of the old file are overwritten before
 * they are given back to the file system. A crash leaves the old content or the new, and {@link shredLeftovers} the rest.
 */
export async function replaceSecret(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${TEMPORARY}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await replaceWith(path, temporary)
  } catch (error) {
    await shredFile(temporary)
    throw error
  }
}

/** Puts a durable file in the place of another, of which no byte is left. */
export async function replaceWith(path: string, next: string): Promise<void> {
  const old = await hold(path)
  renameSync(next, path)
  syncDirectory(dirname(path))
  if (old === undefined) return
  if (old !== 'linked') {
    // No second name could be given to it: a crash here leaves its bytes in blocks that no file owns.
    try {
      await overwrite(old)
    } finally {
      await old.close()
    }
    return
  }
  await shredFile(path + OLD)
  syncDirectory(dirname(path))
}

/**
 * Destroys what a crash left of files that were being replaced.
 *
 * @param dir where files are replaced with {@link replaceSecret}
 */
export async function shredLeftovers(dir: string): Promise<void> {
  for (const name of namesIn(dir)) {
    const path = join(dir, name)
    if (name.endsWith(TEMPORARY)) await shredFile(path)
    else if (name.endsWith(OLD)) await shredOld(path.slice(0, -OLD.length))
  }
}

/** Before the new file took its place, the second name is that of the file in use, and only a name. */
async function shredOld(path: string): Promise<void> {
  const current = statSync(path, { throwIfNoEntry: false })
  if (current?.ino === statSync(path + OLD).ino) rmSync(path + OLD)
  else await shredFile(path + OLD)
}

/** Keeps a hold on the file that is about to lose its name: by a second name, or where there are none by its handle. */
async function hold(path: string): Promise<'linked' | FileHandle | undefined> {
  for (;;) {
    try {
      linkSync(path, path + OLD)
      return 'linked'
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return undefined
      if (code === 'EEXIST') await shredOld(path)
      else if (NO_LINKS.has(code)) return await open(path, 'r+')
      else throw error
    }
  }
}

/** What file systems without hard links answer. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
