import { UsageFailure } from '../failure/failure.ts'

/**
 * A count given on the command line.
 *
 * @throws UsageFailure for anything but digits
 */
export function countOf(flag: string, text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new UsageFailure(`${flag}: "${text}" is not a whole number of 0 or more`, {
    hint: `Write it as ${flag} 50.`,
  })
}
