import type { AuditEvent } from 'annals/model'
import { expect } from 'vitest'
import { RpcClient, RpcRefusal } from '../../testing/rpc-client.ts'
import { type Asker, actsIn, NOWHERE } from './asker.test-support.ts'
import { type CanaryKind, canary, type MatrixEvent } from './events.test-support.ts'

/** A question, and the events that are its answer to one reader. */
export interface Question {
  readonly query: string
  readonly nths: readonly number[]
}

/** How a query route is asked: the events found, or how many. `undefined`: the reader lacks the permission. */
export type AskQuery = (asker: Asker, query: string) => Promise<readonly number[] | number | undefined>

/** Routes that answer queries. All of them are asked the same. */
export const QUERIES: Readonly<Record<string, AskQuery>> = {
  listEvents: async (asker, query) => {
    const { status, text } = await asker.ask(`/v1/events?limit=1000&query=${encodeURIComponent(query)}`)
    return status === 403 ? undefined : actsIn(text)
  },
  countEvents: async (asker, query) => {
    const by = 'action,ip,actor,target,tag.env,error,corr'
    const { status, text } = await asker.ask(
      `/v1/count?each=true&by=${by}&query=${encodeURIComponent(query)}`,
    )
    if (status === 403) return undefined
    const { total } = JSON.parse(text) as { total: number }
    expect(actsIn(text)).toHaveLength(total)
    return total
  },
  getFacets: async (asker, query) => {
    const fields = 'action,actor,target,ip,tag.env,error,request,tenant'
    const { status, text } = await asker.ask(
      `/v1/facets?limit=1000&fields=${fields}&query=${encodeURIComponent(query)}`,
    )
    if (status === 403) return undefined
    expect(actsIn(text)).toHaveLength((JSON.parse(text) as { total: number }).total)
    return actsIn(text)
  },
  getHistogram: async (asker, query) => {
    const { status, text } = await asker.ask(`/v1/histogram?query=${encodeURIComponent(query)}`)
    if (status === 403) return undefined
    const { series } = JSON.parse(text) as { series: Readonly<Record<string, readonly number[]>> }
    return Object.values(series)
      .flat()
      .reduce((sum, count) => sum + count, 0)
  },
  getExportManifest: async (asker, query) => {
    const { status, text } = await asker.ask(`/v1/export/manifest?query=${encodeURIComponent(query)}`)
    return status === 403 ? undefined : (JSON.parse(text) as { count: number }).count
  },
  exportEvents: async (asker, query) => {
    const path = `/v1/export?query=${encodeURIComponent(query)}`
    const { status, text } = await asker.ask(path)
    if (status === 403) return undefined
    const csv = await asker.ask(`${path}&format=csv`)
    expect(actsIn(csv.text)).toEqual(actsIn(text))
    return actsIn(text)
  },
  streamEvents: async (asker, query) => {
    const path = `/v1/events/stream?seekEnd=${asker.matrix.server.trail.size}&query=${encodeURIComponent(query)}`
    const { status, text } = await asker.ask(path)
    return status === 403 ? undefined : actsIn(text)
  },
  rpc: async (asker, query) => {
    await using client = await RpcClient.open(asker.matrix.server.url, asker.token)
    try {
      const page = await client.call('events.get', { query, limit: 1_000 })
      const { subscription } = await client.call('events.subscribe', { query, follow: false })
      const { events } = await client.rest(subscription)
      for (const text of [JSON.stringify(page), JSON.stringify(events)]) asker.check(text, query)
      expect(actsIn(JSON.stringify(events))).toEqual(actsIn(JSON.stringify(page)))
      return actsIn(JSON.stringify(events))
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error
      asker.check(`${error.message} ${JSON.stringify(error.data)}`, query)
      if (error.data['code'] === 'ANNALS_DENIED') return undefined
      throw error
    }
  },
}

/** What everyone is asked: everything in many words, and single events by every field. */
export function questionsFor(asker: Asker, turn: number): readonly Question[] {
  const all = asker.seen.map(event => event.nth)
  const withIp = all.filter(nth => asker.maySee('ip', nth))
  const whole: Question[] = [
    { query: 'action:act.*', nths: all },
    { query: '(tenant:umbra OR *) action:act.*', nths: all },
    { query: '(visibility:operator OR visibility:owner OR visibility:public) action:act.*', nths: all },
    { query: '(id:* OR index:0..) action:act.*', nths: all },
    { query: `-${canary('tgt', NOWHERE)} action:act.*`, nths: all },
    { query: 'ip:10.0.0.0/8 action:act.*', nths: withIp },
    { query: '-ip:* action:act.*', nths: all.filter(nth => !withIp.includes(nth)) },
    // The records of reading hold what was asked.
    ...(asker.seesLog ? [] : [{ query: 'action:log.*', nths: [] }]),
  ]
  const pick = (events: readonly MatrixEvent[]): readonly MatrixEvent[] =>
    events.length === 0 ? [] : [events[turn % events.length] as MatrixEvent]
  const single = [...pick(asker.hidden), ...pick(asker.hidden.toReversed()), ...pick(asker.seen)]
  const about = single.flatMap(event => questionsAbout(asker, event))
  return [...whole, ...about.filter((_, nth) => nth % 3 === turn % 3)]
}

function questionsAbout(asker: Asker, event: MatrixEvent): readonly Question[] {
  const { nth } = event
  const { id, index } = asker.matrix.recorded.get(nth) as AuditEvent
  const about = (kind: CanaryKind, query: string): Question => ({
    query,
    nths: asker.maySee(kind, nth) ? [nth] : [],
  })
  const c = (kind: CanaryKind): string => canary(kind, nth)
  return [
    about('act', `action:${event.action}`),
    about('act', `id:${id}`),
    about('act', `index:${index}`),
    about('who', `actor:${c('who')}`),
    about('desc', c('desc')),
    about('tgt', `target:machine/${c('tgt')}`),
    about('name', `"${c('name')}"`),
    about('tag', `tag.env:${c('tag')}`),
    about('ip', `ip:${c('ip')}`),
    about('corr', `corr:${c('corr')}`),
    about('req', `request:${c('req')}`),
    about('code', `error:${c('code')}`),
    about('msg', `error:${c('msg')}`),
    about('old', `from.owner:${c('old')}`),
    about('new', `to.owner=${c('new')}`),
    // Nobody finds these by words.
    ...(['data', 'int', 'ua', 'sess', 'cred'] as const).map(kind => ({ query: c(kind), nths: [] })),
  ]
}
