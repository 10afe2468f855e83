import { type Digest, sha256 } from '../../log/digest.ts'
import type { StoredRecord } from '../../log/record-bytes.ts'

let scratch = Buffer.alloc(65_536)

/** RFC 6962 leaf hash of a record's entry: SHA-256(0x00 ‖ entry). Of a thinned one it is what is left. */
export function leafOf(record: StoredRecord): Digest {
  if (record.thinned !== undefined) return record.thinned.leaf.toString('latin1')
  const length = record.entry.length + 1
  if (length > scratch.length) scratch = Buffer.alloc(length)
  scratch[0] = 0
  record.entry.copy(scratch, 1)
  return sha256(scratch.subarray(0, length))
}
