import type { Recorded } from 'annals'
import type { AnnalsError } from 'annals/model'
import { problemOf } from '../http/problem.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { Level } from './proofs.ts'
import type { Result } from './record-lines.ts'

/** A refusal as clients are told it: a problem without what belongs to the request. */
export interface RefusedAnswer {
  readonly code: string
  readonly message: string
  readonly path?: string
  readonly hint?: string
}

/** How many of a request were recorded. */
export interface RecordCounts {
  recorded: number
  /** Known by their idempotency key: recorded by an earlier request, or earlier in this one. */
  duplicates: number
  refused: number
  /** Left out because recording of their tenant or project is paused; absent while there are none. */
  paused?: number
}

/** Counts results as they come; of refusals, the code is counted for all requests, too. */
export function countInto(
  counts: RecordCounts,
  results: readonly Result[],
  metrics: Pick<ServerMetrics, 'refused'>,
): void {
  for (const result of results) {
    if ('error' in result) {
      counts.refused += 1
      metrics.refused(result.error.code)
    } else if (result.paused === true) counts.paused = (counts.paused ?? 0) + 1
    else if (result.duplicate === true) counts.duplicates += 1
    else counts.recorded += 1
  }
}

/** What is told of a refusal; what an operator should look at goes to `report`. */
export function refusedAnswer(error: AnnalsError, report: (error: AnnalsError) => void): RefusedAnswer {
  const { problem, fault } = problemOf(error, '')
  if (fault) report(error)
  const { code, path, hint } = problem
  return {
    code,
    message: problem.detail ?? problem.title,
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  }
}

/** What is told of an event that a pause left out. */
const PAUSED = { id: '', index: -1, level: 'none', paused: true }

/** What is told of a record. */
export function recordedAnswer(recorded: Recorded, level: Level): object {
  if (recorded.paused === true) return PAUSED
  const { id, index, duplicate } = recorded
  return { id, index, level, ...(duplicate === true ? { duplicate } : {}) }
}

/** One result as the JSON text of its line. Ids are UUIDs: there is nothing to escape. */
export function resultLine(result: Result, level: Level, report: (error: AnnalsError) => void): string {
  if ('error' in result) return `${JSON.stringify({ error: refusedAnswer(result.error, report) })}\n`
  if (result.paused === true) return `${JSON.stringify(PAUSED)}\n`
  const duplicate = result.duplicate === true ? ',"duplicate":true' : ''
  return `{"id":"${result.id}","index":${result.index},"level":"${level}"${duplicate}}\n`
}
