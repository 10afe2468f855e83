import { randomBytes } from 'node:crypto'
import { closeSync, constants, fsyncSync, openSync } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Bytes overwritten before they are synced. */
const SYNC_EVERY = 1024 * 1024
/** How long others have the disk then, in milliseconds. */
const PAUSE_MS = 2

/** Makes the names in a directory durable. */
export function syncDirectory(dir: string): void {
  const fd = openSync(dir, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Replaces a file as a whole, durably: a crash leaves the old content or the new. */
export async function replaceFile(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  syncDirectory(dirname(path))
}

/** The bytes of a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Removes a file whose content must not be read back: overwrites it first, as far as the file system lets that reach the disk. */
export async function shredFile(path: string): Promise<void> {
  let file: FileHandle
  try {
    file = await open(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  try {
    await overwrite(file)
  } finally {
    await file.close()
  }
  await rm(path, { force: true })
}

/** Overwrites everything in a file with zeros, durably. */
export async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  for (let at = 0; at < size; ) {
    const { bytesWritten } = await file.write(
      Buffer.alloc(Math.min(size - at, 1024 * 1024)),
      0,
      undefined,
      at,
    )
    at += bytesWritten
    // Step by step: the log's own syncs wait for no more than this.
    if (at % SYNC_EVERY === 0) {
      await file.datasync()
      await delay(PAUSE_MS)
    }
  }
  await file.sync()
}
