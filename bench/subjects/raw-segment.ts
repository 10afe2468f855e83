import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenSubject } from './subject.ts'

const PREALLOCATED = 1024 * 1024 * 1024

/** The physical limit: JSON lines into a preallocated file, one fdatasync in flight, no hash and no index. */
export const rawSegment: OpenSubject = async dir => {
  const file = await open(join(dir, 'raw.log'), 'w')
  const zeros = Buffer.alloc(4 * 1024 * 1024)
  for (let at = 0; at < PREALLOCATED; at += zeros.length) await file.write(zeros, 0, zeros.length, at)
  await file.sync()
  let lines: string[] = []
  let waiting: (() => void)[] = []
  let offset = 0
  let flight: Promise<void> | undefined
  const flush = async (): Promise<void> => {
    while (lines.length > 0) {
      const bytes = Buffer.from(lines.join(''))
      const told = waiting
      lines = []
      waiting = []
      await file.write(bytes, 0, bytes.length, offset)
      offset = (offset + bytes.length) % (PREALLOCATED - 16 * 1024 * 1024)
      await file.datasync()
      for (const tell of told) tell()
    }
    flight = undefined
  }
  return {
    name: 'raw segment: no hashing, no index',
    record: draft =>
      new Promise<void>(resolve => {
        lines.push(`${JSON.stringify(draft)}\n`)
        waiting.push(resolve)
        flight ??= new Promise<void>(turn => setImmediate(turn)).then(flush)
      }),
    close: async () => {
      await flight
      await file.close()
    },
  }
}
