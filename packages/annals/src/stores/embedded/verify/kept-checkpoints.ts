import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OpenedCheckpoint, parseCosignature } from '@annals/tlog'
import { headOf, type KnownHead } from '../../../verify/checkpoint-check.ts'
import type { Findings } from '../../../verify/findings.ts'
import { keyName } from '../../../verify/policy.ts'
import type { TokenCheck } from '../../../verify/report.ts'
import type { TimeBound } from '../../../verify/time-bounds.ts'
import { openTrusted, type Trust } from './trust.ts'

/** A checkpoint that was opened, with what it says about times. */
export interface DatedHead extends KnownHead {
  readonly bound: TimeBound | undefined
}

/** The checkpoints that a log has kept. */
export interface KeptCheckpoints {
  /** Those that could be opened, by size. */
  readonly heads: readonly DatedHead[]
  /** Sizes of all. */
  readonly sizes: ReadonlySet<number>
  /** What time stamps over them say. */
  readonly stamps: readonly Stamp[]
}

/** A time stamp that holds. */
export interface Stamp extends TimeBound {
  readonly by: string
}

/**
 * Opens every checkpoint in `checkpoints/`, by size. Each must be signed by a key that is trusted, carry the signer's own
 * cosignature, and be over as many entries as its name says. Witnesses are not asked for: they vouch for the latest head.
 */
export async function readKeptCheckpoints(
  dir: string,
  trust: Trust,
  findings: Findings,
  checkToken?: TokenCheck,
): Promise<KeptCheckpoints> {
  const kept: DatedHead[] = []
  const sizes = new Set<number>()
  const stamps: Stamp[] = []
  for (const name of namesIn(dir)) {
    const size = Number(name)
    sizes.add(size)
    const whose = `The checkpoint kept over ${size} entries`
    const opened = await openTrusted(readFileSync(join(dir, name)), trust, whose, 'not asked', findings)
    if (opened === undefined) continue
    if (opened.size === size) {
      kept.push(datedHead(opened, trust))
      if (checkToken !== undefined)
        stamps.push(...(await readStamp(`${join(dir, name)}.tsr`, opened, checkToken, findings)))
    } else findings.add('E_CHUNK_NO_BOUNDARY', size, `${whose} is in truth over ${opened.size}.`)
  }
  return { heads: kept, sizes, stamps }
}

/**
 * The head of an opened checkpoint, and what its cosignatures say about times. Of several the earliest counts: least can be
 * concluded from it about entries that are not in the checkpoint, and its cosigner has seen those that are.
 */
export function datedHead(opened: OpenedCheckpoint, { times }: Trust): DatedHead {
  const seconds = opened.witnessed
    .filter(signature => times.has(keyName(signature)))
    .map(({ signature }) => parseCosignature(signature).time)
  const bound = seconds.length === 0 ? undefined : { size: opened.size, time: Math.min(...seconds) * 1_000 }
  return { ...headOf(opened), bound }
}

async function readStamp(
  path: string,
  { size, text }: OpenedCheckpoint,
  checkToken: TokenCheck,
  findings: Findings,
): Promise<Stamp[]> {
  if (!existsSync(path)) return []
  try {
    const { time, by } = await checkToken(readFileSync(path), Buffer.from(text))
    return [{ size, time: time.getTime(), stamp: true, by }]
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    findings.add('E_TIMESTAMP', size, `The time stamp of the checkpoint kept over ${size} entries: ${why}`)
    return []
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter(name => /^\d{12,16}$/.test(name))
      .sort((a, b) => Number(a) - Number(b))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
