import { AnnalsError, isLogAction, isPlain } from '../model/index.ts'
import { admitEvent } from './admit.ts'
import type { Catalog } from './contract.ts'
import type { EventType } from './event-type.ts'
import { latestShape } from './latest.ts'
import { LOG_TYPES } from './log-types.ts'
import { entryOf } from './manifest.ts'
import { type RetentionClasses, retentionClasses } from './retention-classes.ts'

/** Options of {@link createCatalog}. */
export interface CatalogOptions<Open extends boolean = boolean> {
  /** Also take actions without a type. @defaultValue true for a catalog without types, else false */
  readonly open?: Open | undefined
  /** Retention classes beside the shipped ones, in days or for ever. */
  readonly retention?: RetentionClasses | undefined
  /** @defaultValue ['user'] */
  readonly personTypes?: readonly string[] | undefined
}

/** Event types, also in arrays within arrays. */
export type Nested = EventType | readonly Nested[]

/** The event types within nested arrays. */
export type Flat<N> = N extends EventType ? N : N extends readonly (infer M)[] ? Flat<M> : never

/**
 * A closed catalog of these event types; an open one when none is given.
 *
 * @throws TypeError for something that is no event type; AnnalsError ANNALS_CATALOG for two types of one action, or an
 * unknown retention class
 * @example
 * ```ts
 * const types = catalog(machineTypes, [userDelete, [userCreate]])
 * ```
 */
export function catalog<const N extends readonly Nested[]>(
  ...types: N
): Catalog<Flat<N>, N extends readonly [] ? true : false> {
  return createCatalog(types) as Catalog<Flat<N>, N extends readonly [] ? true : false>
}

/**
 * A catalog with options; see {@link catalog}.
 *
 * @throws TypeError, AnnalsError ANNALS_CATALOG
 * @example
 * ```ts
 * createCatalog([machineDelete], { open: true, retention: { payments: 3650 }, personTypes: ['user', 'customer'] })
 * ```
 */
export function createCatalog<
  const N extends readonly Nested[],
  Open extends boolean = N extends readonly [] ? true : false,
>(types: N, options: CatalogOptions<Open> = {}): Catalog<Flat<N>, Open> {
  const { personTypes = ['user'] } = options
  const flat = flatten(types)
  const retention = retentionClasses(options.retention)
  if (!personTypes.every(type => typeof type === 'string' && type !== ''))
    throw new TypeError('createCatalog: personTypes must be texts')
  const byAction = new Map<string, EventType>(LOG_TYPES)
  for (const type of flat) {
    if (byAction.has(type.action))
      throw new AnnalsError('ANNALS_CATALOG', `'${type.action}' is defined twice`)
    if (type.retention !== undefined && !Object.hasOwn(retention, type.retention)) {
      const hint = `known classes: ${Object.keys(retention).join(', ')}; add it with the option retention`
      throw new AnnalsError(
        'ANNALS_CATALOG',
        `'${type.action}': there is no retention class '${type.retention}'`,
        { hint },
      )
    }
    byAction.set(type.action, type)
  }
  const entries = Object.freeze(flat.map(entryOf).sort((a, b) => (a.action < b.action ? -1 : 1)))
  const made: Catalog = {
    open: options.open ?? flat.length === 0,
    personTypes: Object.freeze([...personTypes]),
    retention,
    types: Object.freeze(flat),
    get: action => byAction.get(action),
    admit: (event, limits) => admitEvent(made, event, limits),
    latest: event => latestShape(byAction.get(event.action), event),
    entries: () => entries,
    manifest: () => ({ v: 1, open: made.open, personTypes: made.personTypes, retention, entries }),
  }
  return Object.freeze(made) as Catalog<Flat<N>, Open>
}

function flatten(types: readonly Nested[]): EventType[] {
  const found: EventType[] = []
  for (const type of types) {
    if (isList(type)) found.push(...flatten(type))
    else if (isPlain(type) && typeof type.action === 'string' && Array.isArray(type.persons)) found.push(type)
    else throw new TypeError('catalog: every argument must come from defineEvent, or be an array of such')
    if (!isList(type) && isLogAction(type.action))
      throw new TypeError(`catalog: '${type.action}': paths below 'log' are the log's own`)
  }
  return found
}

function isList(type: Nested): type is readonly Nested[] {
  return Array.isArray(type)
}
