import type { Draft } from '../../model/index.ts'
import { type Random, randomOf } from '../../testing/random.ts'
import type { SampleLog } from './sample-log.ts'
import { variedDrafts } from './varied-drafts.ts'

/** Largest step between two batches, in milliseconds. Most have the time of the one before, or almost. */
const STEPS = [0, 0, 1, 2, 700, 90_000]

/**
 * Appends varied events in batches of 1 to 40, many at the same time, and half-way passes into the next period.
 *
 * @param seed decides events, batches and times
 */
export async function appendHistory(log: SampleLog, count: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const drafts = variedDrafts(count, seed)
  for (const batch of batchesOf(drafts, random, 40)) {
    const half = log.size < count / 2
    await log.append(batch)
    if (half && log.size >= count / 2) log.nextPeriod()
    else log.time += STEPS[random.below(STEPS.length)] ?? 0
  }
}

/** Cuts drafts into batches of 1 to `most`. */
export function batchesOf(drafts: readonly Draft[], random: Random, most: number): Draft[][] {
  const batches: Draft[][] = []
  for (let at = 0; at < drafts.length; ) {
    const end = at + 1 + random.below(most)
    batches.push(drafts.slice(at, end))
    at = end
  }
  return batches
}
