import type { RecordCursor } from '../../../verify/record-cursor.ts'

/** A stretch of a segment file that consists of whole appends, as far as it is undamaged. */
export interface Stretch {
  /** Byte positions, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** Positions of the log, `to` exclusive. */
  readonly from: number
  readonly to: number
}

/** What a walk meets. */
export interface WalkVisitor {
  /** A record, at a byte position of the file; the fields of `cursor` say where in `bytes`. Both are valid until it returns. */
  record(index: number, bytes: Buffer, cursor: RecordCursor, at: number): void
  /** Entries that cannot be read. */
  lost(from: number, to: number): void
  /** Damage to the form, with the position at or before which it lies. */
  damage(code: 'E_ENTRY_FORMAT' | 'E_ENTRY_MISSING', index: number, message: string): void
}
