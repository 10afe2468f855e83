import type { Findings } from './findings.ts'

/** What the order of the log is judged by. */
export interface EdgeEntry {
  readonly index: number
  readonly id: string
  readonly time: number
}

/** Reports an entry whose id or time does not follow the one before it. */
export function checkNeighbours(findings: Findings, lastId: string, lastTime: number, next: EdgeEntry): void {
  if (next.id <= lastId) {
    const how = next.id === lastId ? 'is that of the entry before' : 'is not above the one before'
    findings.add(
      'E_DUP_ID',
      next.index,
      `Its id ${next.id} ${how}: the entry is repeated or out of its place.`,
    )
  }
  if (next.time < lastTime)
    findings.add(
      'E_TIME_ORDER',
      next.index,
      `It was recorded ${lastTime - next.time} ms before the entry in front of it.`,
    )
}
