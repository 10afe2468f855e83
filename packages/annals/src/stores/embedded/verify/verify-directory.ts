import { existsSync } from 'node:fs'
import { AnnalsError } from '../../../model/index.ts'
import { Findings } from '../../../verify/findings.ts'
import type { VerifyOptions, VerifyReport } from '../../../verify/report.ts'
import { SKEW_MS } from '../../../verify/time-bounds.ts'
import { layoutOf } from '../layout.ts'
import { type Checkers, hereChecker, threadCheckers } from './checkers.ts'
import { formatClaim } from './claim.ts'
import { DirectoryCheck } from './directory-check.ts'
import { readDisclosure, reportDisclosure } from './disclosure.ts'
import { checkHeads, headBounds, headSizes, readHeads } from './heads.ts'
import { checkKeyChain } from './key-chain.ts'
import { type Known, readKnown } from './known.ts'
import { readApplied } from './part-secrets.ts'
import type { PieceSettings } from './piece.ts'
import { joinPieces, type Plan, planSegments } from './plan.ts'
import { checkSeal, readSeals, sealSizes } from './seal-check.ts'
import { indexPath, listSegmentFiles } from './segment-list.ts'
import { TreeCheck } from './tree-check.ts'
import { trustOf } from './trust.ts'

/** Entries below which threads take longer to start than the work takes. */
const FEW = 20_000
/** How often a log that has moved on meanwhile is verified again before what was found is believed. */
const AGAIN = 2

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
  requireWorkers(options.workers)
  const layout = layoutOf(dir)
  if (!existsSync(layout.description) && !existsSync(layout.chunks)) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `${dir} holds no log.`, {
      hint: 'Give the directory that has annals.json in it.',
    })
  }
  for (let again = 0; ; again++) {
    const known = await readKnown(layout)
    const report = await verifyOnce(dir, known, options)
    // Beside a writer, content may be erased, sealed or thinned between the look at its authority and the look at it.
    if (report.ok || known.clean || again === AGAIN) return report
    const now = await readKnown(layout)
    if (textOf(now.checkpoint) === textOf(known.checkpoint)) return report
  }
}

async function verifyOnce(dir: string, known: Known, options: VerifyDirectoryOptions): Promise<VerifyReport> {
  const { workers = 2, skewMs = SKEW_MS, entriesOnly = false, deep = false } = options
  const layout = layoutOf(dir)
  const findings = new Findings()
  const trust = trustOf(options, known, findings)
  const heads = await readHeads(known, trust, options, layout.checkpoints, findings)
  const refs = listSegmentFiles(layout.chunks)
  const seals = readSeals(layout.chunks, new Set(refs.map(ref => ref.chunk)))
  const hints = { signed: heads.signed, clean: known.clean, labelled: new Set(seals.keys()) }
  const plan = planSegments(refs, hints, findings)
  const settings: PieceSettings = {
    dir,
    entriesOnly,
    deep,
    sizes: [...headSizes(heads), ...sealSizes(seals)],
    settled: known.clean ? Number.POSITIVE_INFINITY : (refs.at(-2)?.first ?? 0),
    bounds: headBounds(heads),
    skew: skewMs,
  }
  const checkers = plan.size < FEW ? await hereChecker(settings) : threadCheckers(workers, settings)
  try {
    const tree = new TreeCheck(
      settings,
      findings,
      plan.chunks.map(chunk => chunk.lo),
    )
    const missing = plan.segments[0]?.ref.first ?? 0
    if (missing > 0) tree.push({ at: 0, height: 0, count: missing, hashes: null })
    const check = new DirectoryCheck(plan, tree, findings)
    await check.run(checkers, options.onProgress)
    if (deep) await checkIndexes(plan, known, checkers, findings)
    checkHeads(heads, known, tree, plan.size, findings)
    const signed = Math.min(heads.published?.size ?? 0, plan.size)
    // Where nothing signed can be opened, that is said; what is gone is then judged as if all were signed.
    const believed =
      signed > 0 || !findings.failed
        ? Math.max(signed, ...heads.boundaries.map(head => Math.min(head.size, plan.size)))
        : Number.POSITIVE_INFINITY
    const around = {
      origin: known.origin,
      policy: trust.policy,
      tree,
      kept: heads.keptSizes,
      signed: believed,
    }
    const chunks = []
    for (const chunk of plan.chunks) {
      const [seal, found] = [seals.get(chunk.directory), check.found(chunk.lo)]
      chunks.push(await checkSeal(chunk, seal, check.seals.get(chunk.lo), found, around, findings))
    }
    if (!trust.pinned) checkKeyChain(known.vkey, check.keys, chunks, findings)
    const disclosure = await readDisclosure(layout)
    const applied = Math.min(known.applied, readApplied(layout, disclosure))
    const verdict = check.judge({
      chunks,
      signed: believed,
      applied,
      parts: !entriesOnly,
      restoredTo: known.restoredTo,
    })
    if (!known.clean) check.excuseErasing(known.erasing)
    reportLeftovers(plan, known, findings)
    if (plan.size > signed) {
      findings.add(
        'W_TAIL_UNWITNESSED',
        signed,
        `${plan.size - signed} entries from position ${signed} on are covered by no ${heads.published === undefined ? 'checkpoint that could be checked' : 'checkpoint yet'}.`,
      )
    }
    if (!entriesOnly && plan.size > 0) await reportDisclosure(disclosure, layout, findings)
    const ok = !findings.failed
    const root = tree.root()
    return {
      ok,
      size: plan.size,
      root: root === undefined ? '' : Buffer.from(root, 'latin1').toString('base64'),
      checked: check.checked,
      erased: verdict.erased,
      expired: verdict.expired,
      findings: findings.sorted(),
      claim: formatClaim({
        ...verdict,
        ok,
        size: plan.size,
        signed,
        heads,
        trust,
        entriesOnly,
        disclosed: disclosure.kind === 'given',
      }),
    }
  } finally {
    await checkers.close()
  }
}

function textOf(note: Uint8Array | undefined): string {
  return note === undefined ? '' : Buffer.from(note).toString('latin1')
}

/** Refuses a number of threads that is none. */
export function requireWorkers(workers = 1): void {
  if (!Number.isInteger(workers) || workers < 1)
    throw new TypeError(`workers: a whole number from 1, got ${workers}`)
}

function reportLeftovers(plan: Plan, known: Known, findings: Findings): void {
  const left = plan.segments.filter(({ ref }) => ref.left.length > 0)
  const first = left[0]
  if (first === undefined || !known.clean) return
  findings.add(
    'W_LEFTOVER',
    first.ref.first,
    `${left.length} segments, this the first, lie there in an older form, too; it counts for nothing, and the next opening removes it.`,
  )
}

async function checkIndexes(plan: Plan, known: Known, checkers: Checkers, findings: Findings): Promise<void> {
  const last = plan.segments.at(-1)
  const tasks = plan.segments.flatMap(segment => {
    const [first, end] = [segment.pieces[0], segment.pieces.at(-1)]
    return first === undefined || end === undefined || segment.ref.form === 'spine'
      ? []
      : [
          {
            piece: joinPieces(first, end),
            index: indexPath(segment.ref),
            live: segment === last && !known.clean,
          },
        ]
  })
  for (let at = 0; at < tasks.length; at += checkers.width) {
    const results = await Promise.all(tasks.slice(at, at + checkers.width).map(task => checkers.index(task)))
    for (const result of results) findings.addAll(result)
  }
}
