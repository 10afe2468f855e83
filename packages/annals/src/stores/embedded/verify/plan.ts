import { closeSync, fstatSync, readSync } from 'node:fs'
import type { Findings } from '../../../verify/findings.ts'
import { parseSegmentHead, SEGMENT_HEADER, type SegmentHead } from '../segment-file.ts'
import type { Piece } from './piece.ts'
import { openPiece } from './piece-walk.ts'
import { type Extent, readExtent } from './sealed-file.ts'
import type { Form, SegmentFile } from './segment-list.ts'
import { SegmentWalk } from './segment-walk.ts'

/** Bytes of a piece, roughly: small enough to share evenly, large enough to cost nothing. */
const PIECE_BYTES = 16 * 1024 * 1024
/** Entries of a piece of a sealed segment: whole blocks. */
const PIECE_ENTRIES = 32_768
/** No record is as short; more entries than this many bytes each cannot be claimed. */
const SHORTEST_RECORD = 64

/** A segment as it stood when verification began. */
export interface SegmentPlan {
  readonly ref: SegmentFile
  /** In order; together they are the segment. */
  readonly pieces: readonly Piece[]
}

/** A chunk as its segments say. */
export interface ChunkPlan {
  readonly lo: number
  readonly hi: number
  /** Name of its directory. */
  readonly directory: string
  /** Entries of which a spine has the leaf hashes and nothing else. */
  readonly dropped: number
  /** Some segment of it is sealed or dropped. */
  readonly sealed: boolean
}

/** What there is to verify. */
export interface Plan {
  readonly segments: readonly SegmentPlan[]
  readonly chunks: readonly ChunkPlan[]
  /** Entries that are there, or should be by what follows them. */
  readonly size: number
}

/** What is known of the log from elsewhere. */
export interface PlanHints {
  /** Entries that were signed: below this nothing can be an unfinished write. */
  readonly signed: number
  /** The last writer closed the log: nothing can be unfinished at all. */
  readonly clean: boolean
  /** Chunks, by directory, of whose entries the classes are asked for. */
  readonly labelled: ReadonlySet<string>
}

/**
 * Looks at every segment's header, finds where the log ends, and cuts the work into pieces.
 *
 * @param begins position at which the first segment must begin
 */
export function planSegments(
  refs: readonly SegmentFile[],
  hints: PlanHints,
  findings: Findings,
  begins = 0,
): Plan {
  const segments: SegmentPlan[] = []
  const chunks: ChunkPlan[] = []
  let before: { readonly chunk: number; readonly directory: string } | undefined
  const directories = new Map<string, number>()
  let size = 0
  for (const [i, given] of refs.entries()) {
    const next = refs[i + 1]
    if (next !== undefined && next.first === given.first) {
      findings.add('E_ENTRY_FORMAT', given.first, `Two segments begin at position ${given.first}.`)
      continue
    }
    const { fd, form } = openPiece(given)
    const ref = { ...given, form }
    try {
      const read = readSegment(fd, ref, next, hints, findings)
      if (read === undefined) continue
      const chunk = checkHead(ref, read.head, before, directories, findings)
      before = { chunk, directory: ref.chunk }
      const whole: Piece = {
        form: ref.form,
        stem: ref.stem,
        chunk,
        labelled: hints.labelled.has(ref.chunk),
        start: SEGMENT_HEADER,
        end: read.at,
        from: ref.first,
        to: read.index,
      }
      const pieces = ref.form === 'open' ? cut(new SegmentWalk(fd), whole) : cutBlocks(whole)
      segments.push({ ref, pieces })
      addToChunk(chunks, chunk, ref, read.index)
      size = read.index
    } finally {
      closeSync(fd)
    }
  }
  const first = refs[0]?.first
  if (first !== undefined && first > begins)
    findings.add('E_ENTRY_MISSING', begins, `The first ${first - begins} entries are missing.`)
  return { segments, chunks, size }
}

/** What a segment says of itself, and where it ends; undefined when it was only being made. */
function readSegment(
  fd: number,
  ref: SegmentFile,
  next: SegmentFile | undefined,
  hints: PlanHints,
  findings: Findings,
): { readonly head: SegmentHead | undefined; readonly at: number; readonly index: number } | undefined {
  const bytes = fstatSync(fd).size
  if (ref.form !== 'open') return readSealed(fd, ref, ref.form, next, findings)
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
    return undefined
  }
  const end =
    next === undefined
      ? lastExtent(walk, ref.first, bytes, hints, findings)
      : { at: bytes, index: next.first }
  return { head, ...end }
}

function readSealed(
  fd: number,
  ref: SegmentFile,
  form: Exclude<Form, 'open'>,
  next: SegmentFile | undefined,
  findings: Findings,
): { readonly head: Extent | undefined; readonly at: number; readonly index: number } {
  const head = readExtent(fd, form)
  if (head !== undefined && next !== undefined && head.end > next.first)
    findings.add(
      'E_ENTRY_FORMAT',
      next.first,
      `Segment ${ref.first} says that it goes up to position ${head.end - 1}.`,
    )
  return { head, at: 0, index: next?.first ?? head?.end ?? ref.first + 1 }
}

function addToChunk(
  chunks: ChunkPlan[],
  lo: number,
  { chunk: directory, form, first }: SegmentFile,
  hi: number,
): void {
  const last = chunks.at(-1)
  const dropped = form === 'spine' ? hi - first : 0
  const sealed = form !== 'open'
  if (last?.lo === lo)
    chunks[chunks.length - 1] = {
      ...last,
      hi,
      dropped: last.dropped + dropped,
      sealed: last.sealed || sealed,
    }
  else chunks.push({ lo, hi, directory, dropped, sealed })
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
  ref: SegmentFile,
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

function cutBlocks(whole: Piece): Piece[] {
  const pieces: Piece[] = []
  for (let { from } = whole; from < whole.to; from += PIECE_ENTRIES)
    pieces.push({ ...whole, start: 0, end: 0, from, to: Math.min(from + PIECE_ENTRIES, whole.to) })
  return pieces
}
