import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AnnalsError } from 'annals/model'

/** Largest file that is read, bytes. */
const LARGEST = 64 * 1024 * 1024
const TEMPORARY = /^\.[\da-f]{8}\.tmp$/

/**
 * Reads a file that only its owner may read; undefined when there is none.
 *
 * @throws AnnalsError ANNALS_KEYS when others may read it: then it is no secret any more
 */
export async function readPrivate(path: string): Promise<Buffer | undefined> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { mode, size } = await file.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new AnnalsError('ANNALS_KEYS', `${path} can be read by others than its owner.`, {
        hint: 'Make what is in it anew if somebody may have read it; then: chmod 600.',
      })
    }
    if (size > LARGEST) throw new AnnalsError('ANNALS_FORMAT', `${path} is larger than ${LARGEST} bytes.`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** Replaces a file that only its owner may read. Durable when it resolves; a crash leaves the old content or the new. */
export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  const next = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const file = await open(next, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/** Removes what a crash left of files that were being replaced. */
export async function removeLeftovers(path: string): Promise<void> {
  const [dir, name] = [dirname(path), basename(path)]
  for (const one of await readdir(dir))
    if (one.startsWith(name) && TEMPORARY.test(one.slice(name.length)))
      await rm(join(dir, one), { force: true })
}

async function syncDirectory(dir: string): Promise<void> {
  const directory = await open(dir, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
