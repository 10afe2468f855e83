import {
  type AuditEvent,
  isLogAction,
  isWithin,
  OUTCOME_RESULTS,
  VISIBILITIES,
  type Visibility,
} from '../model/index.ts'

/** What is asked, with the window that was taken: ms since the epoch, half-open. */
export interface ReferenceWindow {
  readonly topic?: string | undefined
  readonly tenant?: string | undefined
  readonly visibility?: Visibility | undefined
  readonly from: number
  readonly to: number
}

/** A plain fold over all events: what every metric must agree with. */
export interface Reference {
  readonly counts: Readonly<Record<string, number>>
  readonly total: number
  readonly actors: number
  readonly targets: number
  /** Ascending. */
  readonly durations: readonly number[]
  readonly first: number | undefined
  readonly last: number | undefined
}

/** The operations that a window is about. */
export function operationsIn(
  events: readonly AuditEvent[],
  { topic = '', tenant, visibility = 'operator', from, to }: ReferenceWindow,
): readonly AuditEvent[] {
  return events.filter(event => {
    const time = Date.parse(event.recordedAt)
    return (
      event.phase !== 'attempt' &&
      (topic === '' ? !isLogAction(event.action) : isWithin(event.action, topic)) &&
      (tenant === undefined || event.tenant === tenant) &&
      VISIBILITIES.indexOf(event.visibility) <= VISIBILITIES.indexOf(visibility) &&
      time >= from &&
      time < to
    )
  })
}

export function reference(events: readonly AuditEvent[], window: ReferenceWindow): Reference {
  const found = operationsIn(events, window)
  const times = found.map(event => Date.parse(event.recordedAt))
  const named = ({ type, id }: { readonly type: string; readonly id: string }): string =>
    JSON.stringify([type, id])
  return {
    counts: Object.fromEntries(
      OUTCOME_RESULTS.map(result => [
        result,
        found.filter(({ outcome }) => outcome.result === result).length,
      ]),
    ),
    total: found.length,
    actors: new Set(found.filter(({ actor }) => actor.id !== '').map(({ actor }) => named(actor))).size,
    targets: new Set(found.flatMap(({ targets }) => targets.map(named))).size,
    durations: found.flatMap(({ outcome }) => outcome.durationMs ?? []).sort((a, b) => a - b),
    first: times.at(0),
    last: times.at(-1),
  }
}
