import { existsSync } from 'node:fs'
import { AnnalsError } from '../../../model/index.ts'
import { Authority } from '../../../verify/authority.ts'
import { Findings } from '../../../verify/findings.ts'
import { checkNeighbours, type EdgeEntry } from '../../../verify/neighbours.ts'
import type { VerifyOptions, VerifyReport } from '../../../verify/report.ts'
import { SourceCounters } from '../../../verify/source-ranges.ts'
import { layoutOf } from '../layout.ts'
import { listSegments } from '../segment-file.ts'
import { type Checkers, hereChecker, threadCheckers } from './checkers.ts'
import { formatClaim } from './claim.ts'
import { readDisclosure, reportDisclosure } from './disclosure.ts'
import { checkHeads, readHeads } from './heads.ts'
import { type Known, readKnown } from './known.ts'
import type { PieceResult, PieceSettings } from './piece.ts'
import { joinPieces, type Plan, planSegments } from './plan.ts'
import { TreeCheck } from './tree-check.ts'

/** Entries below which threads take longer to start than the work takes. */
const FEW = 20_000

/** Options of {@link verifyDirectory}. */
export interface VerifyDirectoryOptions extends VerifyOptions {
  /** Threads that share the work; small logs use none. @defaultValue 2 */
  readonly workers?: number | undefined
  /** Text of a C2SP tlog-policy file: log keys, witnesses and quorum to trust. Goes before `vkey`. */
  readonly policyText?: string | undefined
}

/**
 * Checks everything in the directory of a log that can be checked, up to the size it has when this begins. It reads only
 * and repairs nothing, also beside a running writer.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no log
 * @throws TypeError for a key or policy that cannot be read
 * @example
 * ```ts
 * const { ok, findings, claim } = await verifyDirectory('./annals-data', { vkey: 'example.com/log+…' })
 * ```
 */
export async function verifyDirectory(
  dir: string,
  options: VerifyDirectoryOptions = {},
): Promise<VerifyReport> {
  const { workers = 2 } = options
  if (!Number.isInteger(workers) || workers < 1)
    throw new TypeError(`workers: a whole number from 1, got ${workers}`)
  const layout = layoutOf(dir)
  if (!existsSync(layout.description) && !existsSync(layout.chunks)) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `${dir} holds no log.`, {
      hint: 'Give the directory that has annals.json in it.',
    })
  }
  const findings = new Findings()
  const known = await readKnown(layout)
  const heads = await readHeads(known, options, findings)
  const refs = listSegments(layout.chunks)
  const plan = planSegments(refs, { signed: heads.signed, clean: known.clean }, findings)
  const settings: PieceSettings = {
    dir,
    entriesOnly: options.entriesOnly === true,
    deep: options.deep === true,
    sizes: [heads.published, heads.kept, heads.remembered].flatMap(head =>
      head === undefined ? [] : [head.size],
    ),
    settled: known.clean ? Number.POSITIVE_INFINITY : (refs.at(-2)?.first ?? 0),
  }
  const checkers = plan.size < FEW ? await hereChecker(settings) : threadCheckers(workers, settings)
  try {
    const check = new DirectoryCheck(plan, settings, findings)
    await check.run(checkers, options.onProgress)
    if (settings.deep) await checkIndexes(plan, known, checkers, findings)
    const { tree, authority } = check
    checkHeads(heads, known, tree, plan.size, findings)
    const gone = settings.entriesOnly ? { erased: 0, authorities: 0 } : authority.check(findings, plan.size)
    const signed = Math.min(heads.published?.size ?? 0, plan.size)
    if (plan.size > signed) {
      findings.add(
        'W_TAIL_UNWITNESSED',
        signed,
        `${plan.size - signed} entries from position ${signed} on are covered by no ${heads.published === undefined ? 'checkpoint that could be checked' : 'checkpoint yet'}.`,
      )
    }
    const disclosure = settings.entriesOnly ? undefined : await readDisclosure(layout)
    if (disclosure !== undefined && plan.size > 0) await reportDisclosure(disclosure, layout, findings)
    const disclosed = disclosure === undefined || disclosure.kind === 'given'
    const root = tree.root()
    return {
      ok: !findings.failed,
      size: plan.size,
      root: root === undefined ? '' : Buffer.from(root, 'latin1').toString('base64'),
      checked: check.checked,
      erased: gone.erased,
      findings: findings.sorted(),
      claim: formatClaim({
        ok: !findings.failed,
        size: plan.size,
        signed,
        heads,
        entriesOnly: settings.entriesOnly,
        disclosed,
        ...gone,
      }),
    }
  } finally {
    await checkers.close()
  }
}

/** Pieces in order, and what they say about each other. */
class DirectoryCheck {
  readonly tree: TreeCheck
  readonly authority = new Authority()
  checked = 0
  readonly #plan: Plan
  readonly #findings: Findings
  readonly #sources = new SourceCounters()
  readonly #secretless = new Map<string, { index: number; parts: number }>()
  #last: EdgeEntry | undefined
  #unwritten = 0

  constructor(plan: Plan, settings: PieceSettings, findings: Findings) {
    this.#plan = plan
    this.#findings = findings
    this.tree = new TreeCheck(settings, findings)
    const first = plan.segments[0]?.ref.first ?? 0
    if (first > 0) this.tree.push({ at: 0, height: 0, count: first, hashes: null })
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
      if (!result.sound && piece !== last) {
        // Where later pieces of this segment begin is now in doubt: what is left of it is walked as one.
        done = joinPieces(piece, last)
        result = await checkers.piece(done)
        for (; pieces[i]?.piece !== last; i++) start()
      }
      this.#take(result)
      onProgress?.(Math.min(done.to, total), total)
    }
    this.#sources.check(this.#findings)
    for (const [what, { index, parts }] of this.#secretless) {
      this.#findings.add(
        'E_KEY_MISSING',
        index,
        `${parts} parts, the first here, cannot be checked: ${what} is missing or damaged.`,
      )
    }
    const unwritten = this.#unwritten + this.tree.unwritten
    if (unwritten > 0) {
      this.#findings.add(
        'W_TILES_UNWRITTEN',
        undefined,
        `${unwritten} hash tiles are not in their files yet: the writer is at it, or was stopped; the next opening makes them from the entries.`,
      )
    }
  }

  #take(result: PieceResult): void {
    this.#findings.addAll(result.findings)
    if (this.#last !== undefined && result.first !== undefined)
      checkNeighbours(this.#findings, this.#last.id, this.#last.time, result.first)
    this.#last = result.last ?? this.#last
    this.#sources.addAll(result.sources, (source, [from, to, index]) => {
      this.#findings.add(
        'E_DUP_ID',
        index,
        `Source ${source} used some of its counters ${from} to ${to} before.`,
      )
    })
    this.tree.differsAt(result.differs)
    for (const run of result.runs) this.tree.push(run)
    this.authority.gone(result.gone)
    for (const parts of result.authorised) this.authority.authorise(parts)
    for (const { what, index, parts } of result.secretless) {
      const known = this.#secretless.get(what)
      this.#secretless.set(what, { index: known?.index ?? index, parts: (known?.parts ?? 0) + parts })
    }
    this.checked += result.checked
    this.#unwritten += result.unwritten
  }
}

async function checkIndexes(plan: Plan, known: Known, checkers: Checkers, findings: Findings): Promise<void> {
  const last = plan.segments.at(-1)
  const tasks = plan.segments.flatMap(segment => {
    const [first, end] = [segment.pieces[0], segment.pieces.at(-1)]
    return first === undefined || end === undefined
      ? []
      : [{ piece: joinPieces(first, end), index: segment.ref.index, live: segment === last && !known.clean }]
  })
  for (let at = 0; at < tasks.length; at += checkers.width) {
    const results = await Promise.all(tasks.slice(at, at + checkers.width).map(task => checkers.index(task)))
    for (const result of results) findings.addAll(result)
  }
}
