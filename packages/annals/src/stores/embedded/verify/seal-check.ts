import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../../log/digest.ts'
import type { SealedClass } from '../../../log/log-store.ts'
import { checkNote, headOf, type KnownHead } from '../../../verify/checkpoint-check.ts'
import type { ChunkFacts } from '../../../verify/expiry.ts'
import type { Findings } from '../../../verify/findings.ts'
import type { SealNamed } from '../../../verify/own-entry.ts'
import type { TrustPolicy } from '../../../verify/policy.ts'
import { readSeal, type Seal } from '../../../verify/seal.ts'
import { positionName } from '../layout.ts'
import type { ChunkPlan } from './plan.ts'
import type { TreeCheck } from './tree-check.ts'

/** Seals by the directory of their chunk; a text says why one cannot be read. */
export type Seals = ReadonlyMap<string, Seal | string>

/** What the entries say of a chunk that is, or should be, sealed. */
export interface ChunkFound {
  /** `recordedAt` of its first and last entry, where they can still be read. */
  readonly first: number | undefined
  readonly last: number | undefined
  /** Its classes by the entries and labels that are there; undefined when some cannot be read. */
  readonly classes: ReadonlyMap<string, SealedClass> | undefined
  /** The first thinned position of each class. */
  readonly thinned: ReadonlyMap<string, number>
}

/** Whom and what seals are held against. */
export interface SealSurroundings {
  /** Name of the log; undefined when the directory does not say. */
  readonly origin: string | undefined
  /** Undefined when there is no key to trust. */
  readonly policy: TrustPolicy | undefined
  readonly tree: TreeCheck
  /** Sizes of the checkpoints kept in files of their own; undefined when the chunk is looked at alone. */
  readonly kept: ReadonlySet<number> | undefined
  /** Entries below this position are signed. */
  readonly signed: number
}

/** Reads `seal.json` of every chunk that has one. */
export function readSeals(chunks: string, directories: Iterable<string>): Seals {
  const seals = new Map<string, Seal | string>()
  for (const directory of directories) {
    try {
      seals.set(directory, readSeal(readFileSync(join(chunks, directory, 'seal.json'))))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        seals.set(directory, `it cannot be read (${code ?? 'unknown'})`)
    }
  }
  return seals
}

/** Sizes at which the tree is asked about seals. */
export function sealSizes(seals: Seals): number[] {
  return [...seals.values()].flatMap(seal => (typeof seal === 'string' ? [] : [seal.lo, seal.hi]))
}

/**
 * Holds the seal of a chunk against its entries, the tree, its checkpoints and the entry that names it.
 *
 * @param named the first `log.seal` that names the chunk
 * @returns what deletion in the chunk is judged by
 */
export async function checkSeal(
  chunk: ChunkPlan,
  seal: Seal | string | undefined,
  named: SealNamed | undefined,
  found: ChunkFound,
  around: SealSurroundings,
  findings: Findings,
): Promise<ChunkFacts> {
  const { lo, hi, dropped } = chunk
  const facts = { lo, hi, dropped, sealedAt: undefined, last: 0, classes: new Map<string, number>() }
  const wrong = (what: string): void => findings.add('E_SEAL', lo, `The manifest of the chunk ${what}.`)
  if (seal === undefined) {
    if (named !== undefined) wrong('is missing, and the log names one')
    else if (chunk.sealed)
      findings.add('W_SEAL_PENDING', lo, 'The chunk is being sealed: it has no manifest yet.')
    return facts
  }
  if (typeof seal === 'string') {
    wrong(`is damaged: ${seal}`)
    return facts
  }
  const before = findings.count
  checkStatements(chunk, seal, found, around.origin, wrong)
  await checkEnds(seal, around, findings)
  checkClasses(chunk, seal, found, findings, wrong)
  if (around.kept === undefined) return { ...facts, last: seal.last, classes: countsOf(seal) }
  if (named === undefined) {
    findings.add('W_SEAL_PENDING', lo, 'The chunk is sealed, and no log.seal entry names its manifest yet.')
    return facts
  }
  if (
    named.manifest !== seal.sha256 ||
    named.lo !== seal.lo ||
    named.hi !== seal.hi ||
    named.period !== seal.period
  ) {
    wrong(`is not the one that entry ${named.index} names`)
    return facts
  }
  const classes = countsOf(seal)
  const sound = findings.count === before && named.index < around.signed
  return { lo, hi, dropped, sealedAt: sound ? named.index : undefined, last: seal.last, classes }
}

function checkStatements(
  { lo, hi, directory }: ChunkPlan,
  seal: Seal,
  found: ChunkFound,
  origin: string | undefined,
  wrong: (what: string) => void,
): void {
  if (origin !== undefined && seal.origin !== origin) wrong('is of another log')
  if (seal.lo !== lo || seal.hi !== hi)
    wrong(`says positions ${seal.lo} to ${seal.hi - 1}; they are ${lo} to ${hi - 1}`)
  if (directory !== seal.period && directory !== `${seal.period}.${positionName(seal.lo)}`)
    wrong('names another period than its directory')
  if (found.first !== undefined && found.first !== seal.first) wrong('states another time of its first entry')
  if (found.last !== undefined && found.last !== seal.last) wrong('states another time of its last entry')
}

/** Both ends: the frontier is that of the tree, and checkpoints over exactly these sizes sign its roots. */
async function checkEnds(seal: Seal, around: SealSurroundings, findings: Findings): Promise<void> {
  const { lo, hi } = seal
  const { tree, kept } = around
  const frontier = tree.frontierAt(lo)
  if (frontier !== undefined && !sameHashes(frontier, seal.frontier))
    findings.add(
      'E_FRONTIER',
      lo,
      'The chunk does not connect to its predecessor: the frontier in its manifest is not that of the entries before it.',
    )
  if ((seal.before === undefined) !== (lo === 0))
    findings.add(
      'E_CHUNK_NO_BOUNDARY',
      lo,
      'The manifest of the chunk lacks the checkpoint at its beginning.',
    )
  await checkBoundary(seal.before, lo, lo, around, findings)
  await checkBoundary(seal.after, hi, lo, around, findings)
  for (const size of [lo, hi])
    if (size > 0 && kept?.has(size) === false)
      findings.add(
        'E_CHUNK_NO_BOUNDARY',
        lo,
        `The checkpoint over ${size} entries, at which the chunk ${size === lo ? 'begins' : 'ends'}, was not kept.`,
      )
}

async function checkBoundary(
  note: Uint8Array | undefined,
  size: number,
  lo: number,
  { policy, tree }: SealSurroundings,
  findings: Findings,
): Promise<void> {
  if (note === undefined) return
  const head = await openBoundary(note, size, lo, policy, findings)
  if (head === undefined) return
  const root = tree.rootAt(size)
  if (root !== undefined && root !== head.root)
    findings.add(
      size === lo ? 'E_FRONTIER' : 'E_ROOT',
      lo,
      `The entries do not give the root of the checkpoint over ${size} entries in the manifest of their chunk.`,
    )
}

/** Opens a checkpoint of a manifest, which must be over exactly so many entries. */
export async function openBoundary(
  note: Uint8Array,
  size: number,
  lo: number,
  policy: TrustPolicy | undefined,
  findings: Findings,
): Promise<KnownHead | undefined> {
  if (policy === undefined) return undefined
  // Witnesses vouch for the latest head, which the tree leads to from here.
  const alone = { ...policy, quorum: () => true }
  const opened = await checkNote(note, alone, `The checkpoint over ${size} entries in a manifest`, findings)
  if (opened === undefined) return undefined
  if (opened.size === size) return headOf(opened)
  findings.add(
    'E_CHUNK_NO_BOUNDARY',
    lo,
    `The manifest of the chunk has a checkpoint over ${opened.size} entries where one over ${size} must stand.`,
  )
  return undefined
}

function checkClasses(
  { lo, dropped }: ChunkPlan,
  seal: Seal,
  { classes, thinned }: ChunkFound,
  findings: Findings,
  wrong: (what: string) => void,
): void {
  if (dropped > 0 || classes === undefined) return
  const names = new Set([...seal.classes.keys(), ...classes.keys()])
  const differing = [...names].filter(name => !sameClass(seal.classes.get(name), classes.get(name)))
  if (differing.length === 0) return
  const mislabelled = differing.flatMap(name => thinned.get(name) ?? [])
  if (mislabelled.length === 0) {
    wrong(`does not have the positions of the class "${differing[0]}"`)
    return
  }
  findings.add(
    'E_PRUNED_UNAUTHORISED',
    Math.min(...mislabelled),
    `Thinned entries of the chunk from position ${lo} on are not labelled with the classes that they had when it was sealed: ${differing.join(', ')}.`,
  )
}

function sameClass(a: SealedClass | undefined, b: SealedClass | undefined): boolean {
  return a?.count === b?.count && a?.positions === b?.positions
}

function sameHashes(a: readonly Digest[], b: readonly Digest[]): boolean {
  return a.length === b.length && a.every((hash, i) => hash === b[i])
}

function countsOf({ classes }: Seal): ReadonlyMap<string, number> {
  return new Map([...classes].map(([name, { count }]) => [name, count]))
}
