import { type AuditEvent, type Change, parsePointer } from '../../model/index.ts'
import { and, printQuery, type Query } from '../../query/index.ts'
import type { FindOptions, TrailReader } from '../trail.ts'
import { type EntityRef, isPrimary, ofTarget } from './of-entity.ts'

/** Names an event of which no more is needed. */
export interface EventRef {
  readonly index: number
  readonly id: string
  readonly action: string
  readonly occurredAt: string
}

/** One change as far as it can be believed. */
export interface ToldChange {
  readonly change: Change
  readonly segments: readonly string[]
  /** Whether the value after, or before, is the one that was there: not masked, cut or hidden. */
  readonly tellsAfter: boolean
  readonly tellsBefore: boolean
}

/** What one event changed. */
export interface Step {
  readonly ref: EventRef
  readonly changes: readonly ToldChange[]
  /** Whether there were changes that the reader may not see. */
  readonly hides: boolean
}

/** What to read. */
export interface WantedSteps extends Pick<FindOptions, 'asOf' | 'signal' | 'seek' | 'seekEnd' | 'order'> {
  /** Further condition. */
  readonly when?: Query | undefined
  /** Most events. */
  readonly most: number
}

/** Bytes of changes that are kept. */
const MOST_BYTES = 4 * 1024 * 1024
const PAGE = 500

/** The changes of an entity, in the order in which they occurred, and whether there are more than were read. */
export async function stepsOf(
  reader: Pick<TrailReader, 'find'>,
  entity: EntityRef,
  { when, most, ...options }: WantedSteps,
): Promise<{ readonly steps: readonly Step[]; readonly cut: boolean }> {
  const text = printQuery(and([ofTarget(entity), ...(when === undefined ? [] : [when])]))
  const steps: Step[] = []
  let bytes = 0
  let cursor: string | undefined
  do {
    const page = await reader.find(text, { ...options, limit: PAGE, cursor })
    for (const event of page.events) {
      const step = isPrimary(event, entity) ? stepOf(event) : undefined
      if (step === undefined) continue
      bytes += JSON.stringify(event.changes ?? null).length
      if (steps.length === most || bytes > MOST_BYTES) return { steps: inTime(steps), cut: true }
      steps.push(step)
    }
    cursor = page.next
  } while (cursor !== undefined)
  return { steps: inTime(steps), cut: false }
}

function inTime(steps: Step[]): readonly Step[] {
  const byTime = (a: Step, b: Step): number =>
    a.ref.occurredAt < b.ref.occurredAt
      ? -1
      : a.ref.occurredAt > b.ref.occurredAt
        ? 1
        : a.ref.index - b.ref.index
  return steps.sort(byTime)
}

/** Undefined when the event changed nothing. */
function stepOf(event: AuditEvent): Step | undefined {
  const { result } = event.outcome
  if (result !== 'success' && result !== 'unknown') return undefined
  const { index, id, action, occurredAt } = event
  const altered = new Set<string>()
  for (const { path } of [...(event.truncated ?? []), ...(event.notes ?? [])]) {
    const place = /^\/changes(?:\/\d+\/(?:before|after))?(?=\/|$)/.exec(path)
    if (place !== null) altered.add(place[0])
  }
  const hides = event.changes === undefined && altered.size > 0
  if (event.changes === undefined && !hides) return undefined
  const changes = (event.changes ?? []).map((change, nth) => {
    const isTold = (side: 'before' | 'after'): boolean =>
      result === 'success' && change.masked !== true && !altered.has(`/changes/${nth}/${side}`)
    return {
      change,
      segments: parsePointer(change.path),
      tellsAfter: isTold('after'),
      tellsBefore: isTold('before'),
    }
  })
  return { ref: { index, id, action, occurredAt }, changes, hides }
}
