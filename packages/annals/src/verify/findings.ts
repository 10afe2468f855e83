import type { Finding } from './report.ts'

/** Findings that a report lists; more are counted. */
export const MOST_FINDINGS = 1_000

/** What was found so far: the first {@link MOST_FINDINGS}, and how many more there are. */
export interface FoundSoFar {
  readonly list: readonly Finding[]
  readonly more: number
  /** Some finding, listed or not, is a failure. */
  readonly failed: boolean
}

/** Gathers findings in bounded memory. */
export class Findings implements FoundSoFar {
  readonly list: Finding[] = []
  more = 0
  failed = false

  /** How many there are, listed or not. */
  get count(): number {
    return this.list.length + this.more
  }

  add(code: string, index: number | undefined, message: string): void {
    if (code.startsWith('E_')) this.failed = true
    if (this.list.length < MOST_FINDINGS)
      this.list.push(index === undefined ? { code, message } : { code, index, message })
    else this.more++
  }

  addAll(found: FoundSoFar): void {
    for (const { code, index, message } of found.list) this.add(code, index, message)
    this.more += found.more
    this.failed ||= found.failed
  }

  /** Takes findings back that are explained after all; returns how many. */
  excuse(explained: (finding: Finding) => boolean): number {
    const left = this.list.filter(finding => !explained(finding))
    const excused = this.list.length - left.length
    this.list.splice(0, this.list.length, ...left)
    // What is not listed cannot be explained.
    if (excused > 0 && this.more === 0) this.failed = left.some(({ code }) => code.startsWith('E_'))
    return excused
  }

  /** In the order of positions, those without one first; then how many are not listed. */
  sorted(): Finding[] {
    const sorted = this.list.toSorted((a, b) => (a.index ?? -1) - (b.index ?? -1))
    if (this.more > 0)
      sorted.push({ code: 'W_MORE_FINDINGS', message: `${this.more} more findings are not listed.` })
    return sorted
  }
}
