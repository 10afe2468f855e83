import type { PartPlace, SealedClass } from '../../../log/log-store.ts'
import { ClassDigests } from '../../../verify/class-digests.ts'
import { type ChunkFacts, type Expired, Expiry } from '../../../verify/expiry.ts'
import type { Findings } from '../../../verify/findings.ts'
import { checkNeighbours, type EdgeEntry } from '../../../verify/neighbours.ts'
import type { KeyNamed, OwnEntry, SealNamed } from '../../../verify/own-entry.ts'
import { Removals, type Removed } from '../../../verify/removals.ts'
import { RetentionRules } from '../../../verify/retention-rules.ts'
import { SourceCounters } from '../../../verify/source-ranges.ts'
import type { Checkers } from './checkers.ts'
import { type Labels, type MissingSecret, type Piece, type PieceResult, THINNED, UNKNOWN } from './piece.ts'
import { joinPieces, type Plan } from './plan.ts'
import type { ChunkFound } from './seal-check.ts'
import type { TreeCheck } from './tree-check.ts'

/** What was taken away lawfully. */
export interface DirectoryVerdict extends Removed {
  readonly expired: number
  /** Entries of retention under which they expired. */
  readonly expiredUnder: number
  readonly archived: number
}

/** What judgement needs from outside the entries. */
export interface JudgedBy {
  readonly chunks: readonly ChunkFacts[]
  /** Entries below this position are signed. */
  readonly signed: number
  /** Authorities below this position have been carried out, on the keys and in the directory. */
  readonly applied: number
  /** Parts were looked at. */
  readonly parts: boolean
  /** Of a restored copy: the position from which on authorities are elsewhere. */
  readonly restoredTo?: number | undefined
}

/** What a part that is overwritten by half is found as. */
const HALF_ERASED: ReadonlySet<string> = new Set([
  'E_PART_MISMATCH',
  'E_PART_REMOVED',
  'E_ENTRY_FORMAT',
  'E_KEY_MISSING',
])

/** Pieces in order, and what they say about each other. */
export class DirectoryCheck {
  readonly tree: TreeCheck
  readonly seals: Map<number, SealNamed> = new Map<number, SealNamed>()
  readonly keys: KeyNamed[] = []
  checked = 0
  readonly #plan: Plan
  readonly #findings: Findings
  readonly #sources = new SourceCounters()
  readonly #removals = new Removals()
  readonly #expiry = new Expiry()
  readonly #rules = new RetentionRules()
  readonly #secretless = new Map<string, MissingSecret>()
  readonly #found = new Map<number, FoundChunk>()
  #last: EdgeEntry | undefined
  #unwritten = 0

  constructor(plan: Plan, tree: TreeCheck, findings: Findings) {
    this.#plan = plan
    this.#findings = findings
    this.tree = tree
  }

  async run(checkers: Checkers, onProgress?: (done: number, total: number) => void): Promise<void> {
    const total = this.#plan.size
    const pieces = this.#plan.segments.flatMap(segment =>
      segment.pieces.map(piece => ({ piece, last: segment.pieces.at(-1) as typeof piece })),
    )
    const running: Promise<PieceResult>[] = []
    const start = (): void => {
      const next = pieces[running.length]
      if (next === undefined) return
      const result = checkers.piece(next.piece)
      // A failure is met when its turn comes.
      result.catch(() => {})
      running.push(result)
    }
    for (let i = 0; i < checkers.width; i++) start()
    for (let i = 0; i < pieces.length; i++) {
      const { piece, last } = pieces[i] as (typeof pieces)[number]
      let result = await (running[i] as Promise<PieceResult>)
      delete running[i]
      start()
      let done = piece
      if (!result.sound && piece !== last && piece.form === 'open') {
        // Where later pieces of this segment begin is now in doubt: what is left of it is walked as one.
        done = joinPieces(piece, last)
        result = await checkers.piece(done)
        for (; pieces[i]?.piece !== last; i++) start()
      }
      this.#take(done, result)
      onProgress?.(Math.min(done.to, total), total)
    }
    const unwritten = this.#unwritten + this.tree.unwritten
    if (unwritten > 0)
      this.#findings.add(
        'W_TILES_UNWRITTEN',
        undefined,
        `${unwritten} hash tiles are not in their files yet: the writer is at it, or was stopped; the next opening makes them from the entries.`,
      )
  }

  /** What the entries say of a chunk. */
  found(lo: number): ChunkFound {
    const found = this.#found.get(lo)
    return {
      first: found?.first,
      last: found?.last,
      classes: found === undefined || !found.whole ? undefined : found.classes(),
      thinned: found?.thinned ?? new Map(),
    }
  }

  /** Judges what is gone, once everything has been read. */
  judge({ chunks, signed, applied, parts, restoredTo }: JudgedBy): DirectoryVerdict {
    const findings = this.#findings
    const expiry = this.#expiry
    const { expired, authorities, archived }: Expired = expiry.check(findings, chunks, this.#rules, signed)
    this.#sources.check(findings, range => expiry.count(range, chunks))
    const verdict = { expired, expiredUnder: authorities, archived }
    if (!parts) return { ...verdict, erased: 0, authorities: 0 }
    const removed = this.#removals.check(findings, {
      signed,
      applied,
      isGone: index => expiry.isGone(index, chunks),
      droppedFrom: [
        ...chunks.flatMap(({ lo, dropped }) => (dropped > 0 ? [lo] : [])),
        ...(restoredTo === undefined ? [] : [restoredTo]),
      ],
      expires: (chunk, retention, index) => expiry.authorityOver(chunk, retention, index, signed),
    })
    this.#reportSecretless(signed)
    return { ...verdict, ...removed }
  }

  /**
   * Takes back what is found of parts that were being overwritten when the writer stopped: only where a signed authority names
   * them, and only what is wrong with parts. The next opening finishes it.
   */
  excuseErasing(parts: readonly PartPlace[]): void {
    const places = new Set<number>()
    for (const [index, name] of parts) if (this.#removals.names(index, name)) places.add(index)
    const excused = this.#findings.excuse(
      ({ code, index }) => index !== undefined && places.has(index) && HALF_ERASED.has(code),
    )
    if (excused > 0)
      this.#findings.add(
        'W_ERASURE_PENDING',
        undefined,
        `${places.size} events were being erased when the last writer stopped; the next opening finishes it.`,
      )
  }

  /** Counts what is gone of a chunk that is looked at alone: what authorises it stands in later chunks. */
  judgeAlone(chunk: ChunkFacts | undefined): DirectoryVerdict {
    const expired = this.#expiry.size + (chunk?.dropped ?? 0)
    const { erased, keyless } = this.#removals
    if (expired + erased > 0)
      this.#findings.add(
        'W_AUTHORITY_ELSEWHERE',
        undefined,
        `${expired} entries and ${erased} parts are gone; the entries that must authorise it are in later chunks.`,
      )
    const unchecked = [...this.#secretless.values()].reduce((sum, { parts }) => sum + parts, keyless)
    if (unchecked > 0)
      this.#findings.add(
        'W_NOT_DISCLOSED',
        undefined,
        `${unchecked} parts could not be held against their commitments: their keys are gone.`,
      )
    return { expired, expiredUnder: 0, archived: 0, erased, authorities: 0 }
  }

  #take(piece: Piece, result: PieceResult): void {
    const findings = this.#findings
    findings.addAll(result.findings)
    if (this.#last !== undefined && result.first !== undefined)
      checkNeighbours(findings, this.#last.id, this.#last.time, result.first)
    this.#last = result.last ?? this.#last
    this.#sources.addAll(
      result.sources,
      (source, [from, to, index]) => {
        findings.add('E_DUP_ID', index, `Source ${source} used some of its counters ${from} to ${to} before.`)
      },
      result.bridged,
    )
    this.tree.differsAt(result.differs)
    for (const run of result.runs) this.tree.push(run)
    this.#removals.addGone(result.gone)
    this.#removals.addKeyless(result.keyless)
    for (const said of result.own) this.#hear(said)
    for (const missing of result.secretless) {
      const known = this.#secretless.get(missing.what)
      this.#secretless.set(
        missing.what,
        known === undefined ? missing : { ...known, parts: known.parts + missing.parts },
      )
    }
    this.#takeChunk(piece, result)
    this.checked += result.checked
    this.#unwritten += result.unwritten
  }

  #takeChunk({ chunk, to, labelled }: Piece, { first, last, labels }: PieceResult): void {
    let found = this.#found.get(chunk)
    if (found === undefined) {
      found = new FoundChunk()
      this.#found.set(chunk, found)
    }
    if (first?.index === chunk) found.first = first.time
    found.last = last?.index === to - 1 ? last.time : undefined
    if (labels !== undefined)
      found.add(labels, (retention, index) => this.#expiry.thinned(chunk, retention, index))
    else if (labelled) found.whole = false
  }

  #hear(said: OwnEntry): void {
    switch (said.kind) {
      case 'removal':
        this.#removals.authorise(said)
        break
      case 'expiration':
      case 'archive':
        this.#expiry.authorise(said)
        break
      case 'policy':
      case 'catalog':
        this.#rules.state(said)
        break
      case 'seal':
        // The first counts: what was sealed stays what it was.
        if (!this.seals.has(said.lo)) this.seals.set(said.lo, said)
        break
      case 'key':
        this.keys.push(said)
    }
  }

  #reportSecretless(signed: number): void {
    for (const { what, destroyed, index, parts } of this.#secretless.values()) {
      const expires =
        destroyed && this.#expiry.authorityOver(destroyed.chunk, destroyed.retention, index, signed)
      if (expires === undefined)
        this.#findings.add(
          'E_KEY_MISSING',
          index,
          `${parts} parts, the first here, cannot be checked: ${what} is missing or damaged.`,
        )
      else
        this.#findings.add(
          'W_ERASURE_PENDING',
          index,
          `${parts} parts, the first here, are past their retention by entry ${expires} and not removed yet; their secrets are.`,
        )
    }
  }
}

/** What is found of a chunk, piece by piece. */
class FoundChunk {
  first: number | undefined
  last: number | undefined
  /** Every class is known. */
  whole = true
  readonly thinned = new Map<string, number>()
  readonly #digests = new ClassDigests()
  #classes: ReadonlyMap<string, SealedClass> | undefined

  add({ from, classes, entries }: Labels, thinned: (retention: string, index: number) => void): void {
    for (let i = 0; i < entries.length; i++) {
      const label = entries[i] as number
      const retention = classes[label & UNKNOWN]
      if (retention === undefined) {
        this.whole = false
        continue
      }
      this.#digests.add(retention, from + i)
      if ((label & THINNED) === 0) continue
      if (!this.thinned.has(retention)) this.thinned.set(retention, from + i)
      thinned(retention, from + i)
    }
  }

  classes(): ReadonlyMap<string, SealedClass> {
    this.#classes ??= this.#digests.finish()
    return this.#classes
  }
}
