import { readSync } from 'node:fs'
import { COMMIT_BYTES, COMMIT_KIND } from '../../../log/commit-frame.ts'
import { MAX_RECORD_BYTES, RECORD_PREFIX } from '../../../log/record-bytes.ts'
import { SEGMENT_HEADER } from '../segment-file.ts'

const WINDOW = 4 * 1024 * 1024

/** Where a record lies in its segment file. */
export interface RecordStep {
  readonly index: number
  readonly offset: number
  readonly length: number
}

/** The bytes at a place are no record. */
export class StepError extends Error {
  override readonly name = 'StepError'
}

/**
 * Steps over the records of a segment that is not sealed, from its first position up to `to`, by their lengths alone: those
 * are the same before, during and after an erasure. The places that a search index remembers are not asked, since what is
 * found here gets overwritten.
 *
 * @throws StepError
 */
export function* recordSteps(fd: number, first: number, to: number): Generator<RecordStep> {
  const bytes = Buffer.allocUnsafe(WINDOW)
  let begin = 0
  let length = 0
  let offset = SEGMENT_HEADER
  for (let index = first; index < to; ) {
    if (offset < begin || offset + RECORD_PREFIX + 1 > begin + length) {
      length = readSync(fd, bytes, 0, WINDOW, offset)
      begin = offset
      if (length < RECORD_PREFIX + 1) throw new StepError(`no record at byte ${offset}`)
    }
    const at = offset - begin
    const size = bytes.readUInt32BE(at) + 4
    if (bytes[at + RECORD_PREFIX] === COMMIT_KIND && size === COMMIT_BYTES) {
      offset += COMMIT_BYTES
      continue
    }
    if (size <= RECORD_PREFIX || size > MAX_RECORD_BYTES) throw new StepError(`no record at byte ${offset}`)
    yield { index: index++, offset, length: size }
    offset += size
  }
}
