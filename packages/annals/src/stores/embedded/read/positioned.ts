import type { Positioned } from '../../../log/log-store.ts'
import { readRecord } from '../../../log/record-bytes.ts'
import type { RawRecords } from './directory-reader.ts'

/** The records of a range with their positions, a page of raw records at a time. */
export async function* positioned(
  read: (from: number, to: number) => RawRecords | Promise<RawRecords>,
  from: number,
  to: number,
): AsyncIterable<readonly Positioned[]> {
  for (let at = from; ; ) {
    const raw = await read(at, to)
    if (raw.count === 0) return
    const bytes = Buffer.from(raw.bytes.buffer, raw.bytes.byteOffset, raw.bytes.length)
    const batch: Positioned[] = []
    for (let p = 0; p < bytes.length; ) {
      const record = readRecord(bytes, p)
      batch.push({ index: at++, record })
      p += record.length
    }
    yield batch
  }
}
