import { setTimeout as delay } from 'node:timers/promises'

/** Resolves once a condition holds; how long that may take is bounded by the test's own time. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5)
}
