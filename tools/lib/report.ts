import { writeFileSync } from 'node:fs'
import { COUNTS_FILE } from './counts-file.ts'
import type { Tally } from './tally.ts'

/** One check of a tool: its name, and what is wrong. */
export interface Check {
  readonly name: string
  readonly problems: readonly string[]
  /** Shown with a passed check. */
  readonly note?: string
  /** Why it did not run. */
  readonly skipped?: string
}

/** Prints checks, counts them for `npm test`, and sets the exit code. */
export function report(checks: readonly Check[]): void {
  for (const { name, problems, note, skipped } of checks) {
    const word = skipped !== undefined ? 'skip' : problems.length === 0 ? 'ok  ' : 'FAIL'
    const remark = skipped ?? note
    console.log(`${word} ${name}${remark === undefined ? '' : ` (${remark})`}`)
    for (const problem of problems) console.log(`       ${problem.replaceAll('\n', '\n       ')}`)
  }
  const tally = count(checks)
  const file = process.env[COUNTS_FILE]
  if (file !== undefined) writeFileSync(file, JSON.stringify(tally))
  if (tally.failed > 0) process.exitCode = 1
}

function count(checks: readonly Check[]): Tally {
  const skipped = checks.flatMap(({ name, skipped }) =>
    skipped === undefined ? [] : [{ name, reason: skipped }],
  )
  const failed = checks.filter(check => check.problems.length > 0).length
  return { passed: checks.length - failed - skipped.length, failed, skipped }
}
