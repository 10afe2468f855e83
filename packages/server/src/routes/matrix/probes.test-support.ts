import { parseCheckpoint, parseNote } from '@annals/tlog'
import type { AuditEvent } from 'annals/model'
import { expect } from 'vitest'
import { RpcClient } from '../../testing/rpc-client.ts'
import { type Asker, NOWHERE, plain } from './asker.test-support.ts'
import { canary, MATRIX_EVENTS, type MatrixEvent } from './events.test-support.ts'

/** Stands in the log's own events: for who sees the whole log as an operator. */
export const LOG_CANARY = 'zqlogn999x'
/** One event in so many is asked for by itself; which ones moves on from reader to reader. */
const SAMPLE = 7
/** An id that no event has. */
export const NO_ID = '018c7b3a-0000-7000-8000-000000000000'

/** Routes that are asked in ways of their own. */
export const PROBES: Readonly<Record<string, (asker: Asker) => Promise<void>>> = {
  getEvent: asker => eachAlone(asker, id => `/v1/events/${id}`),
  getRelatedEvents: asker => eachAlone(asker, id => `/v1/events/${id}/related`),
  getOperation: asker => eachAlone(asker, id => `/v1/operations/${id}`),
  async getReceipt(asker) {
    await eachAlone(asker, id => `/v1/events/${id}/receipt`)
    for (const disclose of ['all', 'who', 'what', 'internal', 'who,what'])
      await eachAlone(asker, id => `/v1/events/${id}/receipt?disclose=${disclose}`)
  },
  async getEntity(asker) {
    const total = async (path: string): Promise<number | undefined> => {
      const { status, text } = await asker.ask(path)
      return status === 403 ? undefined : (JSON.parse(text) as { total: number }).total
    }
    for (const [nth, event] of MATRIX_EVENTS.entries()) {
      if (nth % 5 !== asker.turn % 5) continue
      const found = await total(`/v1/entities/machine/${canary('tgt', nth)}`)
      if (found !== undefined) expect(found).toBe(asker.reader.sees(event) ? 1 : 0)
    }
    const onAlice = await total('/v1/entities/user/alice')
    const byBob = await total('/v1/entities/user/bob?as=actor')
    if (onAlice === undefined) return
    expect(onAlice).toBe(asker.seen.filter(({ relation }) => relation === 'on alice').length)
    const ofBob = asker.seen.filter(({ relation }) => relation === 'on alice' || relation === 'by bob')
    expect(byBob).toBe(ofBob.filter(({ nth }) => asker.maySee('who', nth)).length)
  },
  getEntityState: asker =>
    eachAlone(asker, (_, { nth }) => `/v1/entities/machine/${canary('tgt', nth)}/state`, {
      absent: `/v1/entities/machine/${canary('tgt', NOWHERE)}/state`,
      missing: 200,
    }),
  async getCatalog(asker) {
    const { status, text } = await asker.ask('/v1/catalog', { unchecked: true })
    if (status === 403) return
    const { entries } = JSON.parse(text) as { entries: readonly { action: string; events: number }[] }
    const ranks = ['public', 'owner', 'operator']
    for (const { action, events } of entries) {
      const event = MATRIX_EVENTS.find(one => one.action === action)
      // Which types there are is no event; those of a higher level are not told.
      if (event === undefined) expect(asker.seesLog, action).toBe(true)
      else {
        expect(ranks.indexOf(event.visibility)).toBeLessThanOrEqual(ranks.indexOf(asker.reader.level))
        expect([action, events]).toEqual([action, asker.reader.sees(event) ? 1 : 0])
      }
    }
    if (asker.reader.level !== 'operator') expect(text).not.toContain('risk')
  },
  getCheckpoint: async asker => void (await asker.ask('/v1/checkpoint')),
  getConsistency: async asker => void (await asker.ask('/v1/consistency?from=1')),
  async getTile(asker) {
    const { size } = parseCheckpoint(
      parseNote((await asker.matrix.server.trail.checkpoint()) as Uint8Array).text,
    )
    const width = size >= 256 ? '' : `.p/${size}`
    const { status, text } = await asker.ask(`/v1/tile/entries/000${width}`)
    // Entries tell of every event that it happened, and how it ended.
    expect(status).toBe(asker.seesLog && asker.reader.viewer === undefined ? 200 : 403)
    if (status === 200) expect(text).toContain('log.open')
    await asker.ask(`/v1/tile/0/000${width}`)
  },
  whoami: async asker => expect((await asker.ask('/v1/whoami')).status).toBe(200),
  async listTokens(asker) {
    const { status, text } = await asker.ask('/v1/tokens')
    expect(status === 200).toBe(text.includes(LOG_CANARY))
  },
  async getStatus(asker) {
    await asker.ask('/v1/status')
  },
  async prometheus(asker) {
    await asker.ask('/metrics')
  },
  async exportEvidence(asker) {
    const body = JSON.stringify({ query: 'tenant:umbra' })
    const init = { method: 'POST', body, headers: { 'Content-Type': 'application/json' } }
    const { status } = await asker.ask('/v1/lifecycle/evidence', init)
    if (!asker.seesLog) expect(status).toBe(403)
  },
  async exportPerson(asker) {
    const { status } = await asker.ask('/v1/lifecycle/subjects/user/bob')
    if (!asker.seesLog) expect(status).toBe(403)
  },
  async rpc(asker) {
    await using client = await RpcClient.open(asker.matrix.server.url, asker.token)
    const count = async (metric: string, params: object): Promise<unknown> => {
      try {
        const answer = await client.call('metrics.get', { metric, topic: 'act', ...params })
        return (answer['value'] as { total?: number }).total ?? answer['value']
      } catch (error) {
        expect(error).toMatchObject({ data: { code: 'ANNALS_DENIED' } })
        return undefined
      }
    }
    const total = await count('operations', {})
    if (total !== undefined) expect(total).toBe(asker.seen.length)
    const { key, viewer } = asker.reader
    if (viewer === undefined && ['operator', 'tenant-admin'].includes(key.role)) expect(total).toBeDefined()
    const ofUmbra = await count('operations', { tenant: 'umbra' })
    const seen = asker.seen.filter(event => event.tenant === 'umbra').length
    if (ofUmbra !== undefined) expect(ofUmbra).toBe(seen)
    const actors = await count('actors', {})
    if (asker.seen.some(event => !asker.maySee('who', event.nth))) expect(actors).toBeUndefined()
  },
  async listActs(asker) {
    const { status } = await asker.ask('/v1/lifecycle/acts')
    if (!asker.seesLog) expect([403, 404]).toContain(status)
  },
  async listHolds(asker) {
    const { status } = await asker.ask('/v1/lifecycle/holds')
    if (!asker.seesLog) expect(status).toBe(403)
  },
}

/** Routes that say nothing of events. */
export const HARMLESS: readonly string[] = [
  'health',
  'ready',
  'openapi',
  // Those that change something: each is tested for who may.
  'recordEvents',
  'performAct',
  'createToken',
  'revokeToken',
  'mintViewerToken',
  'revokeViewerTokens',
]

/**
 * Asks for some events one by one, by id and position: one that is hidden must be answered exactly as one that is not there.
 */
async function eachAlone(
  asker: Asker,
  path: (at: string, event: MatrixEvent) => string,
  { absent = path(NO_ID, MATRIX_EVENTS[0] as MatrixEvent), missing = 404 } = {},
): Promise<void> {
  const nothing = plain(await asker.ask(absent), absent)
  for (const event of MATRIX_EVENTS.filter(({ nth }) => nth % SAMPLE === asker.turn % SAMPLE)) {
    const { id, index } = asker.matrix.recorded.get(event.nth) as AuditEvent
    const asked = path(id, event)
    const answer = await asker.ask(asked)
    if (answer.status === 403) continue
    if (asker.reader.sees(event)) expect([asked, answer.status]).toEqual([asked, 200])
    else {
      expect(answer.status).toBe(missing)
      expect(plain(answer, asked)).toEqual(nothing)
      await asker.ask(path(String(index), event))
    }
  }
}
