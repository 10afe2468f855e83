import type { GonePart, PartPlace } from '../../../verify/authority.ts'
import type { FoundSoFar } from '../../../verify/findings.ts'
import type { Run } from '../../../verify/leaf-runs.ts'
import type { EdgeEntry } from '../../../verify/neighbours.ts'
import type { SourceRanges } from '../../../verify/source-ranges.ts'
import type { Stretch } from './stretch.ts'

/** What every piece of one verification has in common. */
export interface PieceSettings {
  readonly dir: string
  readonly entriesOnly: boolean
  readonly deep: boolean
  /** Sizes whose roots are asked for. */
  readonly sizes: readonly number[]
  /** Tiles that end below this position must be in their files. */
  readonly settled: number
}

/** A stretch of one segment, to be checked by one thread. */
export interface Piece extends Stretch {
  readonly path: string
  /** First position of the chunk. */
  readonly chunk: number
}

/** What checking a piece gave. */
export interface PieceResult {
  /** The form was undamaged and the piece ended where it should. */
  readonly sound: boolean
  readonly findings: FoundSoFar
  readonly runs: readonly Run[]
  readonly first: EdgeEntry | undefined
  readonly last: EdgeEntry | undefined
  readonly sources: SourceRanges
  readonly gone: readonly GonePart[]
  readonly authorised: readonly (readonly PartPlace[])[]
  /** Parts with content whose secret is missing although keys are there: by what is missing, first position and count. */
  readonly secretless: readonly MissingSecret[]
  readonly checked: number
  /** Tiles not in their files that the next opening makes again. */
  readonly unwritten: number
  /** First position at which a tile differs; -1 when none does. */
  readonly differs: number
}

/** A secret that is not there, and what cannot be checked for it. */
export interface MissingSecret {
  readonly what: string
  readonly index: number
  readonly parts: number
}
