import type { FoundSoFar } from '../../../verify/findings.ts'
import type { Run } from '../../../verify/leaf-runs.ts'
import type { EdgeEntry } from '../../../verify/neighbours.ts'
import type { OwnEntry } from '../../../verify/own-entry.ts'
import type { GonePart, KeylessPart } from '../../../verify/removals.ts'
import type { SourceRanges } from '../../../verify/source-ranges.ts'
import type { TimeBound } from '../../../verify/time-bounds.ts'
import type { Form } from './segment-list.ts'
import type { Stretch } from './stretch.ts'

/** What every piece of one verification has in common. */
export interface PieceSettings {
  readonly dir: string
  readonly entriesOnly: boolean
  readonly deep: boolean
  /** Sizes whose roots are asked for. */
  readonly sizes: readonly number[]
  /** Tiles that end below this position must be in their files; undefined when there are no tiles to compare with. */
  readonly settled: number | undefined
  /** What cosigned checkpoints say about times. */
  readonly bounds: readonly TimeBound[]
  /** Milliseconds that clocks may differ by. */
  readonly skew: number
}

/** A stretch of one segment, to be checked by one thread. */
export interface Piece extends Stretch {
  readonly form: Form
  /** Path of the segment without suffix. */
  readonly stem: string
  /** First position of the chunk. */
  readonly chunk: number
  /** The classes of its entries are asked for. */
  readonly labelled: boolean
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
  /** Counters of sources missing beyond what `sources` says. */
  readonly bridged: number
  readonly gone: readonly GonePart[]
  readonly keyless: readonly KeylessPart[]
  /** What entries of the log itself say, held against their commitments where that is possible. */
  readonly own: readonly OwnEntry[]
  /** Parts with content whose secret is missing although keys are there: by what is missing, first position and count. */
  readonly secretless: readonly MissingSecret[]
  /** Classes of the entries in order, where they were asked for or entries are thinned. */
  readonly labels: Labels | undefined
  readonly checked: number
  /** Tiles not in their files that the next opening makes again. */
  readonly unwritten: number
  /** First position at which a tile differs; -1 when none does. */
  readonly differs: number
}

/** Retention classes of consecutive entries. */
export interface Labels {
  readonly from: number
  readonly classes: readonly string[]
  /** For each entry a class, with {@link THINNED} when the entry is thinned; {@link UNKNOWN} when it cannot be read. */
  readonly entries: Uint16Array
}

/** Mark of a thinned entry. */
export const THINNED = 0x8000
/** An entry that cannot be read, or has no label. */
export const UNKNOWN = 0x7fff

/** A secret that is not there, and what cannot be checked for it. */
export interface MissingSecret {
  readonly what: string
  /** The class of the chunk was destroyed, rather than lost. */
  readonly destroyed: { readonly chunk: number; readonly retention: string } | undefined
  readonly index: number
  readonly parts: number
}
