import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { AnnalsError } from '../../../model/index.ts'
import type { ChunkFacts } from '../../../verify/expiry.ts'
import { Findings } from '../../../verify/findings.ts'
import type { VerifyReport } from '../../../verify/report.ts'
import type { Seal } from '../../../verify/seal.ts'
import { SKEW_MS } from '../../../verify/time-bounds.ts'
import { layoutOf } from '../layout.ts'
import { hereChecker, threadCheckers } from './checkers.ts'
import { expiryClaim, trustClaim } from './claim.ts'
import { DirectoryCheck } from './directory-check.ts'
import { readDisclosure, reportDisclosure } from './disclosure.ts'
import { readKnown } from './known.ts'
import type { PieceSettings } from './piece.ts'
import { planSegments } from './plan.ts'
import { checkSeal, openBoundary, readSeals } from './seal-check.ts'
import { listChunkFiles } from './segment-list.ts'
import { TreeCheck } from './tree-check.ts'
import { type Trust, trustOf } from './trust.ts'
import { requireWorkers, type VerifyDirectoryOptions } from './verify-directory.ts'

/** Entries below which threads take longer to start than the work takes. */
const FEW = 20_000

/**
 * Verifies the directory of one sealed chunk by itself: that its entries lead from the tree before it, whose frontier its
 * manifest has, to the checkpoint at its end. Where it lies in the directory of its log, the keys there disclose its parts.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no sealed chunk
 * @throws TypeError for a key or policy that cannot be read
 */
export async function verifyChunk(
  dir: string,
  options: Omit<VerifyDirectoryOptions, 'against'> = {},
): Promise<VerifyReport> {
  requireWorkers(options.workers)
  if (!existsSync(join(dir, 'seal.json')))
    throw new AnnalsError('ANNALS_NOT_FOUND', `${dir} holds no sealed chunk.`, {
      hint: 'Give the directory that has seal.json in it.',
    })
  const { workers = 2, skewMs = SKEW_MS, entriesOnly = false, deep = false } = options
  const path = resolve(dir)
  const chunks = dirname(path)
  const name = basename(path)
  const layout = layoutOf(dirname(chunks))
  const findings = new Findings()
  const known = await readKnown(layout)
  const trust = trustOf(options, known, findings)
  const seal = readSeals(chunks, [name]).get(name)
  if (seal === undefined || typeof seal === 'string') return unreadable(seal ?? 'it is gone', findings)

  const hints = { signed: seal.hi, clean: true, labelled: new Set([name]) }
  const plan = planSegments(listChunkFiles(path, name), hints, findings, seal.lo)
  const settings: PieceSettings = {
    dir: layout.dir,
    entriesOnly,
    deep,
    sizes: [seal.lo, seal.hi],
    settled: undefined,
    bounds: [],
    skew: skewMs,
  }
  const tree = treeAfter(seal, settings, findings)
  if (tree === undefined) return unreadable('', findings)
  const before = seal.before && (await openBoundary(seal.before, seal.lo, seal.lo, trust.policy, findings))
  if (before !== undefined && before.root !== tree.rootAt(seal.lo))
    findings.add(
      'E_FRONTIER',
      seal.lo,
      'The frontier does not fold to the root of the checkpoint before the chunk.',
    )
  const checkers = plan.size - seal.lo < FEW ? await hereChecker(settings) : threadCheckers(workers, settings)
  try {
    const check = new DirectoryCheck(plan, tree, findings)
    await check.run(checkers, options.onProgress)
    const [chunk] = plan.chunks
    if (plan.size !== seal.hi)
      findings.add(
        'E_ENTRY_MISSING',
        Math.min(Math.max(plan.size, seal.lo), seal.hi - 1),
        `The chunk ends at position ${seal.hi}, and its segments at ${plan.size}.`,
      )
    const facts =
      chunk &&
      (await checkSeal(
        chunk,
        seal,
        undefined,
        check.found(chunk.lo),
        {
          origin:
            trust.policy?.origins.includes(seal.origin) === true ? seal.origin : trust.policy?.origins[0],
          policy: trust.policy,
          tree,
          kept: undefined,
          signed: seal.hi,
        },
        findings,
      ))
    const disclosure = await readDisclosure(layout)
    if (!entriesOnly) await reportDisclosure(disclosure, layout, findings)
    return report(check, seal, facts, trust, findings, disclosure.kind === 'given' && !entriesOnly)
  } finally {
    await checkers.close()
  }
}

function treeAfter(seal: Seal, settings: PieceSettings, findings: Findings): TreeCheck | undefined {
  try {
    return new TreeCheck(settings, findings, [seal.lo], { size: seal.lo, frontier: seal.frontier })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    findings.add('E_FRONTIER', seal.lo, `The frontier of the chunk is none: ${error.message}.`)
    return undefined
  }
}

function report(
  check: DirectoryCheck,
  { lo, hi }: Seal,
  facts: ChunkFacts | undefined,
  trust: Trust,
  findings: Findings,
  disclosed: boolean,
): VerifyReport {
  const gone = check.judgeAlone(facts)
  const ok = !findings.failed
  const root = check.tree.rootAt(hi)
  const parts = disclosed
    ? ', and their parts are what was recorded as far as they are there'
    : '; whether their parts are what was recorded needs the keys of the log'
  return {
    ok,
    size: hi - lo,
    root: root === undefined ? '' : Buffer.from(root, 'latin1').toString('base64'),
    checked: check.checked,
    erased: gone.erased,
    expired: gone.expired,
    findings: findings.sorted(),
    claim: ok
      ? `Entries ${lo} to ${hi - 1} are complete and unaltered as signed by ${trust.policy?.origins[0]} in the checkpoint over ${hi} entries${parts}${expiryClaim(gone)}. Whether what is gone was taken away lawfully is for the whole log to say.${trustClaim(trust)}`
      : 'Something is wrong with this chunk: see the findings. Nothing is claimed of the positions they name.',
  }
}

function unreadable(why: string, findings: Findings): VerifyReport {
  if (why !== '') findings.add('E_SEAL', undefined, `The manifest of the chunk is damaged: ${why}.`)
  return {
    ok: false,
    size: 0,
    root: '',
    checked: 0,
    erased: 0,
    expired: 0,
    findings: findings.sorted(),
    claim: 'Nothing is claimed: the manifest of the chunk cannot be believed.',
  }
}
