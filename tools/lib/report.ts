/** One check of a tool: its name, and what is wrong. */
export interface Check {
  readonly name: string
  readonly problems: readonly string[]
  /** Shown with a passed check. */
  readonly note?: string
}

/** Prints checks and sets the exit code. */
export function report(checks: readonly Check[]): void {
  for (const { name, problems, note } of checks) {
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}${note === undefined ? '' : ` (${note})`}`)
    for (const problem of problems) console.log(`       ${problem.replaceAll('\n', '\n       ')}`)
  }
  if (checks.some(check => check.problems.length > 0)) process.exitCode = 1
}
