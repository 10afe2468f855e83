import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Findings } from '../../../verify/findings.ts'
import { parseSegmentHead, SEGMENT_HEADER, type SegmentHead, type SegmentRef } from '../segment-file.ts'
import type { Piece } from './piece.ts'
import { SegmentWalk } from './segment-walk.ts'

/** Bytes of a piece, roughly: small enough to share evenly, large enough to cost nothing. */
const PIECE_BYTES = 16 * 1024 * 1024
/** No record is as short; more entries than this many bytes each cannot be claimed. */
const SHORTEST_RECORD = 64

/** A segment as it stood when verification began. */
export interface SegmentPlan {
  readonly ref: SegmentRef
  /** In order; together they are the segment. */
  readonly pieces: readonly Piece[]
}

/** What there is to verify. */
export interface Plan {
  readonly segments: readonly SegmentPlan[]
  /** Entries that are there, or should be by what follows them. */
  readonly size: number
}

/** What is known of the log from elsewhere. */
export interface PlanHints {
  /** Entries that were signed: below this nothing can be an unfinished write. */
  readonly signed: number
  /** The last writer closed the log: nothing can be unfinished at all. */
  readonly clean: boolean
}

/** Looks at every segment's header, finds where the log ends, and cuts the work into pieces. */
export function planSegments(refs: readonly SegmentRef[], hints: PlanHints, findings: Findings): Plan {
  const segments: SegmentPlan[] = []
  let before: { readonly chunk: number; readonly directory: string } | undefined
  const directories = new Map<string, number>()
  let size = 0
  for (const [i, ref] of refs.entries()) {
    const next = refs[i + 1]
    if (next !== undefined && next.first === ref.first) {
      findings.add('E_ENTRY_FORMAT', ref.first, `Two segments begin at position ${ref.first}.`)
      continue
    }
    const fd = openSync(ref.path, 'r')
    try {
      const bytes = fstatSync(fd).size
      const walk = new SegmentWalk(fd)
      const head = readHead(fd)
      if (
        head === undefined &&
        next === undefined &&
        !hints.clean &&
        ref.first >= hints.signed &&
        walk.commitAfter(0, bytes) === undefined
      ) {
        findings.add(
          'W_TORN_TAIL',
          ref.first,
          'A segment was being made when the last writer stopped; it holds nothing.',
        )
        continue
      }
      const chunk = checkHead(ref, head, before, directories, findings)
      before = { chunk, directory: ref.chunk }
      const end =
        next === undefined
          ? lastExtent(walk, ref.first, bytes, hints, findings)
          : { at: bytes, index: next.first }
      const whole: Piece = {
        path: ref.path,
        chunk,
        start: SEGMENT_HEADER,
        end: end.at,
        from: ref.first,
        to: end.index,
      }
      segments.push({ ref, pieces: cut(walk, whole) })
      size = end.index
    } finally {
      closeSync(fd)
    }
  }
  const first = refs[0]?.first
  if (first !== undefined && first > 0)
    findings.add('E_ENTRY_MISSING', 0, `The first ${first} entries are missing.`)
  return { segments, size }
}

/** The piece from the beginning of one to the end of another of the same segment. */
export function joinPieces(from: Piece, to: Piece): Piece {
  return { ...from, end: to.end, to: to.to }
}

function readHead(fd: number): SegmentHead | undefined {
  const bytes = Buffer.alloc(SEGMENT_HEADER)
  return readSync(fd, bytes, 0, SEGMENT_HEADER, 0) === SEGMENT_HEADER ? parseSegmentHead(bytes) : undefined
}

/** The chunk a segment belongs to: that of the segment before it, or a new one that begins with it. */
function checkHead(
  ref: SegmentRef,
  head: SegmentHead | undefined,
  before: { readonly chunk: number; readonly directory: string } | undefined,
  directories: Map<string, number>,
  findings: Findings,
): number {
  const likely = before !== undefined && before.directory === ref.chunk ? before.chunk : ref.first
  if (head === undefined) {
    findings.add('E_ENTRY_FORMAT', ref.first, `The header of segment ${ref.first} is damaged.`)
    return likely
  }
  if (head.first !== ref.first)
    findings.add(
      'E_ENTRY_FORMAT',
      ref.first,
      `Segment ${ref.first} says that it begins at position ${head.first}.`,
    )
  const known = directories.get(ref.chunk)
  const fits =
    known === undefined ? head.chunk === ref.first : head.chunk === known && before?.directory === ref.chunk
  if (!fits)
    findings.add(
      'E_ENTRY_FORMAT',
      ref.first,
      `Segment ${ref.first} says that its chunk begins at position ${head.chunk}; it should be ${likely}.`,
    )
  const chunk = fits ? head.chunk : likely
  if (known === undefined) directories.set(ref.chunk, chunk)
  return chunk
}

/** Where the last segment ends, and whether what follows is an unfinished write, or damage that the walk will report. */
function lastExtent(
  walk: SegmentWalk,
  first: number,
  bytes: number,
  { signed, clean }: PlanHints,
  findings: Findings,
): { readonly at: number; readonly index: number } {
  let whole = walk.extent(first, SEGMENT_HEADER, bytes)
  for (;;) {
    if (whole.at >= bytes || walk.zerosTo(whole.at, bytes)) return { at: whole.at, index: whole.index }
    // Beside a running writer the append may have become whole since.
    const again = clean ? whole : walk.extent(whole.index, whole.at, bytes)
    if (again.at === whole.at) break
    whole = again
  }
  const most = whole.index + Math.floor((bytes - whole.at) / SHORTEST_RECORD)
  let index = whole.index
  let later = false
  for (
    let found = walk.commitAfter(whole.at, bytes);
    found !== undefined;
    found = walk.commitAfter(found.at + 1, bytes)
  ) {
    const { from, count } = found.commit
    if (from < whole.index || from + count > most) continue
    // With one append in flight, a whole one behind this one proves that this one was whole too.
    if (from !== whole.index) later = true
    index = Math.max(index, from + count)
  }
  if (!later && !clean && signed <= whole.index) {
    findings.add(
      'W_TORN_TAIL',
      whole.index,
      'The last append is unfinished: the writer is at it, or was stopped. Nothing in it was acknowledged or signed.',
    )
    return whole
  }
  index = Math.max(index, Math.min(signed, most))
  if (index > whole.index) return { at: bytes, index }
  findings.add('E_ENTRY_FORMAT', Math.max(whole.index - 1, 0), 'Bytes follow the last append of the log.')
  return whole
}

function cut(walk: SegmentWalk, whole: Piece): Piece[] {
  const pieces: Piece[] = []
  let { start, from } = whole
  while (whole.end - start > 1.5 * PIECE_BYTES) {
    const found = walk.commitAfter(start + PIECE_BYTES, whole.end)
    if (found === undefined) break
    const end = found.at + 32
    const to = found.commit.from + found.commit.count
    if (to <= from || to >= whole.to || end >= whole.end) break
    pieces.push({ ...whole, start, end, from, to })
    start = end
    from = to
  }
  if (whole.to > from || whole.end > start) pieces.push({ ...whole, start, from })
  return pieces
}
