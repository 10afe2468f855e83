import { openSync } from 'node:fs'
import type { Piece } from './piece.ts'
import { walkSealed, walkSpine } from './sealed-walk.ts'
import { FORMS, type Form, segmentPath } from './segment-list.ts'
import { SegmentWalk } from './segment-walk.ts'
import type { SealedVisitor } from './stretch.ts'

/** A segment that was opened, in the form it has now. */
export interface OpenedPiece {
  readonly fd: number
  readonly form: Form
}

/** Opens a segment. Beside a running writer it may have been sealed or dropped since it was listed. */
export function openPiece({ stem, form }: Pick<Piece, 'stem' | 'form'>): OpenedPiece {
  let missing: unknown
  for (const next of FORMS.slice(0, FORMS.indexOf(form) + 1).toReversed()) {
    try {
      return { fd: openSync(segmentPath(stem, next), 'r'), form: next }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      missing ??= error
    }
  }
  throw missing
}

/** Walks a piece in the form that was opened; returns whether it was exactly what it is said to be. */
export function walkPiece(fd: number, form: Form, piece: Piece, visitor: SealedVisitor): boolean {
  if (form === 'open') return new SegmentWalk(fd).walk(piece, visitor)
  return form === 'sealed' ? walkSealed(fd, piece, visitor) : walkSpine(fd, piece, visitor)
}
