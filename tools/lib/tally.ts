/** A test that did not run, and why. */
export interface Skip {
  readonly name: string
  readonly reason: string
}

/** What a stage counted. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly Skip[]
}

/** Sums tallies. */
export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, one) => total + one.passed, 0),
    failed: tallies.reduce((total, one) => total + one.failed, 0),
    skipped: tallies.flatMap(one => one.skipped),
  }
}

/**
 * The line that a test run ends with.
 *
 * @example
 * ```ts
 * lastLine({ passed: 3, failed: 0, skipped: [] }) // '3 passed, 0 failed'
 * ```
 */
export function lastLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`
}

/** Skips with the same reason on one line each, most frequent first. */
export function skipLines(skipped: readonly Skip[]): readonly string[] {
  const groups = Map.groupBy(skipped, one => one.reason)
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, tests]) => `  ${tests.length} × ${reason}: ${namesOf(tests)}`)
}

function namesOf(tests: readonly Skip[]): string {
  const shown = tests.slice(0, 3).map(one => one.name)
  return tests.length > shown.length ? `${shown.join('; ')}; …` : shown.join('; ')
}
