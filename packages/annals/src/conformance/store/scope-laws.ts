import assert from 'node:assert/strict'
import { searchedSentence } from '../../catalog/index.ts'
import { type AuditEvent, parsePointer, VISIBILITIES } from '../../model/index.ts'
import {
  countAll,
  groupValue,
  matcher,
  parseQuery,
  resolveQuery,
  type Scope,
  type Search,
} from '../../query/index.ts'
import { randomOf } from '../../testing/random.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { combinedQueries, queriesFor } from './queries.ts'
import { searchOf } from './search.ts'
import { walk } from './walk.ts'

const ME = { type: 'user', id: 'me' }

/** Scopes of every kind: by filter, by level, by masks with and without exceptions. */
const SCOPES: readonly Scope[] = [
  { filter: '', level: 'operator', masks: [] },
  { filter: 'actor:me', level: 'owner', masks: [] },
  { filter: 'actor:me OR target:me', level: 'owner', masks: [{ paths: ['/origin'], unless: 'actor:me' }] },
  { filter: 'tenant:*', level: 'public', masks: [] },
  {
    filter: 'target:me OR outcome:success',
    level: 'operator',
    masks: [{ paths: ['/tags'], unless: 'target:me' }],
    within: {
      filter: '-actor:me',
      level: 'owner',
      masks: [{ paths: ['/origin/ip', '/actor/name'], unless: 'target:me' }],
      me: { type: 'service', id: 'proxy' },
      within: { filter: 'retention:*', level: 'operator', masks: [{ paths: ['/changes'] }] },
    },
  },
  {
    filter: '',
    level: 'owner',
    masks: [{ paths: ['/origin/ip', '/origin/userAgent'], unless: 'actor:me' }],
  },
  { filter: 'outcome:success', level: 'operator', masks: [{ paths: ['/actor'] }] },
  {
    filter: '',
    level: 'owner',
    masks: [{ paths: ['/tags/env', '/changes', '/outcome/message', '/actor/name'] }],
  },
  {
    filter: '-tenant:nobody',
    level: 'operator',
    masks: [{ paths: ['/origin', '/description', '/tags', '/data'] }],
  },
]
/** Questions about just what masks take away, and their opposites. */
const ABOUT_MASKED = [
  'ip:10.0.0.0/8',
  '-ip:10.0.0.0/8',
  '-has:ip',
  'tag.env:prod',
  '-tag.env:*',
  '-has:changes',
  'error:rack',
  '-rack',
  'actor:*',
  '-actor:me',
  'actor.type:hidden',
  'component:api OR -component:*',
]

/** A reader sees exactly what the scope leaves, whatever is asked. */
export const SCOPE_LAWS: readonly Law[] = [
  {
    title: 'a scope answers every query as if what it hides were not there',
    async prove(bench) {
      const log = await bench.commonLog()
      if (log.size < 250) await appendHistory(log, 250, 41)
      const random = randomOf(41)
      const queries = queriesFor(log.events, 41)
      const asked = [...ABOUT_MASKED, ...combinedQueries(queries, 12, 41)]
      for (const scope of SCOPES.map(one => ({ ...one, me: ME }))) {
        for (const query of [...asked, ...queries.filter(() => random.below(12) === 0)]) {
          const search = searchOf(query, { scope, me: undefined, includeLog: true, to: log.size })
          const expected = shownTo(log.events, search)
          const found = await walk(log.store.search, search, { order: 'asc', limit: 20 + random.below(200) })
          const title = `${JSON.stringify(query)} in ${JSON.stringify(scope)}`
          assert.deepEqual(found.map(withoutNotes), expected.map(withoutNotes), title)
        }
      }
    },
  },
  {
    title: 'counts and groups are those of what a scope shows',
    async prove(bench) {
      const log = await bench.commonLog()
      if (log.size < 250) await appendHistory(log, 250, 41)
      for (const scope of SCOPES.map(one => ({ ...one, me: ME }))) {
        for (const by of ['ip', 'action', 'actor', 'tag.env', 'hour', 'error']) {
          const search = searchOf('', { scope, me: undefined, to: log.size })
          const expected = shownTo(log.events, search)
          const { total, groupings } = await countAll(log.store.search, search, [[by]])
          const groups = groupings[0]?.groups ?? []
          const tally = new Map<string | null, number>()
          for (const event of expected) {
            const value = groupValue(by)(event)
            tally.set(value, (tally.get(value) ?? 0) + 1)
          }
          const title = `${by} in ${JSON.stringify(scope)}`
          assert.equal(total, expected.length, title)
          assert.deepEqual(
            new Map(groups.map(({ values, count }) => [values[0] ?? null, count])),
            tally,
            title,
          )
        }
      }
    },
  },
]

/** Linear, with its own taking out of fields: nothing of what is proved is used. */
function shownTo(events: readonly AuditEvent[], search: Search): readonly AuditEvent[] {
  const scope = search.scope as Scope
  const scopes = [scope, scope.within, scope.within?.within].filter(one => one !== undefined)
  const compiled = (query: string, { me }: Scope): ((event: AuditEvent) => boolean) => {
    const context = { now: search.now, timeZone: search.timeZone, me }
    return matcher(resolveQuery(parseQuery(query), context), { includeLog: true })
  }
  const filters = scopes.map(one => compiled(one.filter, one))
  const admits = (event: AuditEvent): boolean => filters.every(admit => admit(event))
  const rank = Math.min(...scopes.map(one => VISIBILITIES.indexOf(one.level)))
  const { now, timeZone } = search
  const asks = matcher(resolveQuery(parseQuery(search.query), { now, timeZone, me: scope.me }), {
    includeLog: search.includeLog && rank === VISIBILITIES.indexOf('operator'),
    sentence: event => searchedSentence(event),
  })
  const masks = scopes.flatMap(one =>
    one.masks.map(({ paths, unless }) => ({
      paths,
      spares: unless === undefined ? () => false : compiled(unless, one),
    })),
  )
  return events.flatMap(event => {
    if (VISIBILITIES.indexOf(event.visibility) > rank || !admits(event)) return []
    const shown = masks
      .flatMap(({ paths, spares }) => (spares(event) ? [] : paths))
      .reduce((rest, path) => cut(rest, path), event)
    return event.index >= search.from && event.index < search.to && asks(shown) ? [shown] : []
  })
}

function cut(event: AuditEvent, path: string): AuditEvent {
  const copy = structuredClone(event) as unknown as Record<string, unknown>
  const segments = parsePointer(path)
  const last = segments.pop() as string
  let at: unknown = copy
  for (const segment of segments) at = (at as Record<string, unknown> | undefined)?.[segment]
  if (typeof at !== 'object' || at === null || !Object.hasOwn(at, last)) return event
  if (path === '/actor') copy['actor'] = { type: 'hidden', id: '' }
  else if (path === '/origin') copy['origin'] = {}
  else delete (at as Record<string, unknown>)[last]
  for (const name of ['truncated', 'notes']) {
    const left = (copy[name] as { path: string }[] | undefined)?.filter(
      one => one.path !== path && !one.path.startsWith(`${path}/`),
    )
    if (left === undefined || left.length === 0) delete copy[name]
    else copy[name] = left
  }
  return copy as unknown as AuditEvent
}

/** What was hidden is said in the notes of what is shown, which no query sees. */
function withoutNotes({ notes, ...event }: AuditEvent): object {
  const left = (notes ?? []).filter(({ reason }) => reason !== 'not shown to this reader')
  return left.length === 0 ? event : { ...event, notes: left }
}
