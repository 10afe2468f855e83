import { timedOut } from '../log/sequencer-limits.ts'

/**
 * Waits for work, but for no longer than is left of a patience.
 *
 * @throws AnnalsError ANNALS_TIMEOUT, and what the work throws
 */
export async function within(work: Promise<void>, leftMs: number, patienceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(patienceMs, true)), Math.max(0, leftMs))
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
