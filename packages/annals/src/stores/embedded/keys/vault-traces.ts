import { closeSync, openSync, readSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { AnnalsError } from '../../../model/index.ts'

const WINDOW = 1024 * 1024
/** How long a reader may keep the log of the database, in milliseconds, and how often it is tried meanwhile. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 50
const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * Makes sure that nothing which was deleted from a database is still in its files. `secure_delete` overwrites deleted cells
 * where they lie; what it does not reach are the frames of the write-ahead log, which is emptied, and copies that stay behind
 * in the gaps of a page when cells move to another. If one is found, the file is written anew.
 *
 * @throws AnnalsError ANNALS_STORE when another process keeps the log of the database busy
 */
export function removeTraces(db: DatabaseSync, path: string, traces: readonly Uint8Array[]): void {
  emptyLog(db, path)
  if (holdsAny(path, traces)) removeAllTraces(db, path)
}

/**
 * Writes a database anew, so that nothing is in its files but what it holds.
 *
 * @throws AnnalsError ANNALS_STORE when another process keeps the log of the database busy
 */
export function removeAllTraces(db: DatabaseSync, path: string): void {
  db.exec('VACUUM')
  emptyLog(db, path)
}

/** Moves everything from the write-ahead log to the file and cuts the log to nothing. */
function emptyLog(db: DatabaseSync, path: string): void {
  const until = performance.now() + PATIENCE_MS
  const checkpoint = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)')
  while ((checkpoint.get() as { busy: number }).busy !== 0) {
    if (performance.now() >= until) {
      throw new AnnalsError(
        'ANNALS_STORE',
        `${path} is being read, so that what was deleted is still in its log.`,
        {
          hint: 'Let the process that verifies or copies the log end, and try again.',
        },
      )
    }
    Atomics.wait(pause, 0, 0, PAUSE_MS)
  }
}

/** Whether a file holds one of these byte strings. */
function holdsAny(path: string, traces: readonly Uint8Array[]): boolean {
  if (traces.length === 0) return false
  const most = Math.max(...traces.map(trace => trace.length))
  // One look-up by the first bytes for each place, instead of one search of the file for each trace.
  const heads = new Map<number, Uint8Array[]>()
  const maybe = new Uint8Array(2 ** 16)
  for (const trace of traces) {
    const head = Buffer.from(trace).readUInt16BE(0)
    heads.set(head, [...(heads.get(head) ?? []), trace])
    maybe[head] = 1
  }
  const window = Buffer.alloc(WINDOW + most)
  const fd = openSync(path, 'r')
  try {
    for (let at = 0; ; at += WINDOW) {
      const length = readSync(fd, window, 0, window.length, at)
      for (let i = 0; i + 1 < length && i < WINDOW; i++) {
        const head = (window[i] as number) * 256 + (window[i + 1] as number)
        if (maybe[head] === 0) continue
        for (const trace of heads.get(head) ?? [])
          if (
            i + trace.length <= length &&
            window.subarray(i, i + trace.length).every((byte, n) => byte === trace[n])
          )
            return true
      }
      if (length <= WINDOW) return false
    }
  } finally {
    closeSync(fd)
  }
}
