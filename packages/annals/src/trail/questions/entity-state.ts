import { AnnalsError } from '../../model/index.ts'
import { filter, type Query } from '../../query/index.ts'
import type { FindOptions, TrailReader } from '../trail.ts'
import { type EventRef, type Step, stepsOf, type WantedSteps } from './entity-changes.ts'
import { type Folded, foldSteps } from './fold-steps.ts'
import type { EntityRef } from './of-entity.ts'

/** An entity at one time, as far as the log tells. */
export interface EntityState extends Folded {
  /** The last event until then that changed it; with `until` it bounds the time for which the answer holds. */
  readonly since?: EventRef
  /** The first event after that. */
  readonly until?: EventRef
  /** The first event that was read: what no event has told from then on is unknown. */
  readonly unknownBefore?: EventRef
  /** Whether there are earlier events that were not read: it changed more than 10,000 times, or by more than 4 MiB. */
  readonly cut: boolean
  /** Size of the log that was read. */
  readonly asOf: number
}

/** Options of {@link entityState}. */
export interface EntityStateOptions extends Pick<FindOptions, 'asOf' | 'signal'> {
  /** When: a time, by occurredAt, or the last position to take into account. @defaultValue the end of the log */
  readonly at?: Date | number | undefined
}

const MOST_PAST = 10_000
const MOST_LATER = 1_000

/**
 * What an entity was at a time, folded from the changes of the events of which it is the first target, in the order in which they
 * occurred. Changes of failed and denied actions did not happen; where an outcome is unknown, so is the place.
 *
 * Nothing is guessed: before the first event everything is unknown, and a place that no event has told of is. An event after the
 * moment tells what a place was before it, when none between changed it. What the reader may not see is unknown.
 *
 * @example
 * ```ts
 * const { state, since, until } = await entityState(trail, { type: 'ip', id: '10.4.7.9' }, { at: new Date('2026-03-01T14:05Z') })
 * ```
 */
export async function entityState(
  reader: Pick<TrailReader, 'find' | 'size'>,
  entity: EntityRef,
  { at, asOf = reader.size, signal }: EntityStateOptions = {},
): Promise<EntityState> {
  const read = { asOf, signal }
  const past = await stepsOf(reader, entity, { ...read, ...untilThen(at), order: 'desc', most: MOST_PAST })
  const later =
    at === undefined
      ? NONE
      : (await stepsOf(reader, entity, { ...read, ...afterThat(at), order: 'asc', most: MOST_LATER })).steps
  return {
    ...foldSteps(past.steps, later),
    ...named('since', past.steps.at(-1)),
    ...named('until', later[0]),
    ...named('unknownBefore', past.steps[0]),
    cut: past.cut,
    asOf,
  }
}

const NONE: readonly Step[] = []

function untilThen(at: Date | number | undefined): Pick<WantedSteps, 'when' | 'seekEnd'> {
  if (at === undefined) return {}
  return at instanceof Date ? { when: occurred('<=', at) } : { seekEnd: at + 1 }
}

function afterThat(at: Date | number): Pick<WantedSteps, 'when' | 'seek'> {
  return at instanceof Date ? { when: occurred('>', at) } : { seek: at + 1 }
}

function occurred(op: '<=' | '>', at: Date): Query {
  if (Number.isNaN(at.getTime())) throw new AnnalsError('ANNALS_INVALID', 'at: is no time.', { path: '/at' })
  return filter('at', op, [{ kind: 'text', text: at.toISOString() }])
}

function named<N extends string>(name: N, step: Step | undefined): { readonly [K in N]?: EventRef } {
  return (step === undefined ? {} : { [name]: step.ref }) as { readonly [K in N]?: EventRef }
}
