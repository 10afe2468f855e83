import { UsageFailure } from '../failure/failure.ts'

/** What `--expect` asserts about how many events match. */
export type Expectation = 'none' | 'some' | number

/**
 * Reads `none`, `some` or a number.
 *
 * @throws UsageFailure for anything else
 */
export function expectationOf(text: string): Expectation {
  if (text === 'none' || text === 'some') return text
  if (/^\d+$/.test(text)) return Number(text)
  throw new UsageFailure(`--expect: "${text}" is neither none, some nor a number`, {
    hint: 'Write --expect none, --expect some or --expect 3.',
  })
}

/** Whether a count is what was expected. */
export function isMet(expected: Expectation, count: number): boolean {
  if (expected === 'none') return count === 0
  return expected === 'some' ? count > 0 : count === expected
}
