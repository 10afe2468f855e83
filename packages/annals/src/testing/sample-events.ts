import type { Draft } from '../model/index.ts'
import { drawTable, hex8, randomOf, zipf } from './random.ts'
import { SAMPLE_ACTIONS, type SampleAction } from './sample-actions.ts'
import { type SampleActor, type SampleMachine, type SampleTenant, sampleTenant } from './sample-world.ts'

/** Options of {@link sampleDrafts}. */
export interface SampleOptions {
  /** How many drafts. */
  readonly count: number
  /** Another seed is another history. @defaultValue 1 */
  readonly seed?: number | undefined
  /** When the first event happens. @defaultValue 2026-01-01T00:00:00.000Z */
  readonly start?: string | Date | undefined
  /** Events per second of the history, on average. @defaultValue 10 */
  readonly rate?: number | undefined
}

const TENANTS = 32
/** Most events of one request. */
const LONGEST_REQUEST = 4

/**
 * A made-up history of a service that manages machines, for tests and benchmarks: tenants, projects, people and automation of very
 * different activity (Zipf), machines with their parts, some forty kinds of event with successes, failures and refusals, changes,
 * tags, origins, durations and correlation ids. The seed decides everything: the same options give the same drafts, and fewer
 * drafts are the beginning of more. About 640 bytes a draft as JSON, and fast: drafts share their unchanging parts, so do not
 * change them.
 *
 * @throws TypeError when an option is out of range
 * @example
 * ```ts
 * await trail.recordAll([...sampleDrafts({ count: 1000, seed: 7 })])
 * ```
 */
export function sampleDrafts(options: SampleOptions): IterableIterator<Draft> {
  const { count, seed = 1, rate = 10 } = options
  const start = new Date(options.start ?? '2026-01-01T00:00:00.000Z').getTime()
  if (!Number.isSafeInteger(count) || count < 0)
    throw new TypeError(`count: must be an integer of 0 or more, got ${count}`)
  if (!Number.isSafeInteger(seed)) throw new TypeError(`seed: must be an integer, got ${seed}`)
  if (!(rate > 0 && Number.isFinite(rate)))
    throw new TypeError(`rate: must be a positive number, got ${rate}`)
  if (Number.isNaN(start)) throw new TypeError('start: must be a time')
  return generate(count, seed, start, rate)
}

function* generate(
  count: number,
  seed: number,
  start: number,
  rate: number,
): Generator<Draft, undefined, undefined> {
  const random = randomOf(seed)
  const tenants = Array.from({ length: TENANTS }, (_, rank) => sampleTenant(random, rank))
  const first = tenants[0] as SampleTenant
  const tenantRanks = zipf(TENANTS)
  const actorRanks = zipf(first.actors.length)
  const machineRanks = zipf(first.machines.length)
  const actions = drawTable(SAMPLE_ACTIONS.map(action => action.weight))
  const draw = (table: Uint16Array): number => table[random.below(table.length)] ?? 0
  const timeOf = clock()

  let elapsed = 0
  let made = 0
  while (made < count) {
    const tenant = tenants[draw(tenantRanks)] as SampleTenant
    const actor = tenant.actors[draw(actorRanks)] as SampleActor
    const machine = tenant.machines[draw(machineRanks)] as SampleMachine
    const base = actor.origins[random.below(actor.origins.length)]
    const correlationId = hex8(random) + hex8(random)
    const related = random.below(LONGEST_REQUEST) + 1
    for (let nth = 0; nth < related && made < count; nth += 1) {
      made += 1
      // Gaps from 0 to twice the average.
      elapsed += random.below(2001) / rate
      const kind = SAMPLE_ACTIONS[draw(actions)] as SampleAction
      const { action, outcomes, changes, data } = kind
      yield {
        action,
        occurredAt: timeOf(start + Math.floor(elapsed)),
        outcome: outcomes[random.below(outcomes.length)] ?? 'success',
        actor: actor.actor,
        targets: kind.about.map(part => (part === 'self' ? actor.self : machine.parts[part])),
        tenant: tenant.id,
        project: machine.project,
        origin: { ...base, requestId: `req-${hex8(random)}`, correlationId },
        ...(changes !== undefined && { changes: changes[random.below(changes.length)] ?? [] }),
        tags: machine.tags,
        ...(data !== undefined && { data: data[random.below(data.length)] }),
      }
    }
  }
}

/** Formats times that mostly fall into the second of the one before. */
function clock(): (milliseconds: number) => string {
  let second = Number.NaN
  let prefix = ''
  return milliseconds => {
    const now = Math.floor(milliseconds / 1000)
    if (now !== second) {
      second = now
      prefix = new Date(now * 1000).toISOString().slice(0, -4)
    }
    const rest = milliseconds - now * 1000
    return `${prefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`
  }
}
