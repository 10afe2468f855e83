import type { Digest } from '../../../log/digest.ts'
import type { RecordCursor } from '../../../verify/record-cursor.ts'
import type { RecordFields } from '../../../verify/record-fields.ts'

/** A stretch of a segment: of one that is written, a byte range that consists of whole appends, as far as it is undamaged. */
export interface Stretch {
  /** Byte positions, `end` exclusive; nothing where the form has a directory of its own. */
  readonly start: number
  readonly end: number
  /** Positions of the log, `to` exclusive. */
  readonly from: number
  readonly to: number
}

/** What a walk meets, whatever the form of the segment. */
export interface RecordVisitor<Fields = RecordFields> {
  /** A record, at a byte position of the file where it has one of its own; both `bytes` and `fields` are valid until it returns. */
  record(index: number, bytes: Buffer, fields: Fields, at: number): void
  /** Entries that cannot be read. */
  lost(from: number, to: number): void
  /** Damage to the form, with the position at or before which it lies. */
  damage(code: 'E_ENTRY_FORMAT' | 'E_ENTRY_MISSING', index: number, message: string): void
}

/** What the walk of a written segment meets. */
export type WalkVisitor = RecordVisitor<RecordCursor>

/** What the walk of a sealed segment meets, too. */
export interface SealedVisitor extends RecordVisitor {
  /** An entry of which only its leaf hash is left, with the class that it is labelled with; no class in a dropped chunk. */
  thinned(index: number, leaf: Digest, retention: string | undefined): void
  /** What the directory says of a position, before its record is visited. */
  stated(index: number, time: number, id: string): void
}
