import { setTimeout as delay } from 'node:timers/promises'
import type { Found } from 'annals'
import type { AuditEvent } from 'annals/model'
import { describe, expect, it } from 'vitest'
import { RpcClient, type RpcMessage } from '../testing/rpc-client.ts'
import { serveRpc } from '../testing/serve-rpc.ts'

/** The cursors that a page has; each holds the size of the log. */
function cursorsOf({ next, previous }: Found): object {
  return {
    ...(next === undefined ? {} : { next: expect.any(String) }),
    ...(previous === undefined ? {} : { previous: expect.any(String) }),
  }
}

describe('questions over /v1/rpc', () => {
  const served = serveRpc()

  describe('events', () => {
    it('P34: answers what the library answers', async () => {
      await served.server.trail.recordAll(
        Array.from({ length: 30 }, (_, n) => ({
          action: n % 2 === 0 ? 'same.even' : 'same.odd',
          actor: { type: 'user', id: `u${n % 3}` },
        })),
      )
      for (const options of [
        {},
        { order: 'desc' },
        { limit: 7 },
        { query: 'topic:same actor:u1', order: 'desc', limit: 3 },
        { query: 'topic:same', limit: 0 },
      ] as const) {
        const { query = '', ...more } = options
        const found = await served.server.trail.find(query, { order: 'asc', ...more })
        const answer = await served.client.call('events.get', options)
        // The first question of its kind is recorded: the log is one longer.
        const { asOf, watermark, requestId, ...content } = answer
        expect(content).toEqual({
          events: found.events,
          ...cursorsOf(found),
          gaps: [],
        })
        expect([watermark, requestId]).toEqual([asOf, expect.any(String)])
      }
      const first = await served.client.call('events.get', { query: 'topic:same', limit: 20 })
      const rest = await served.client.call('events.get', {
        query: 'topic:same',
        limit: 20,
        cursor: first['next'],
      })
      const walked = [...(first['events'] as AuditEvent[]), ...(rest['events'] as AuditEvent[])]
      expect(walked).toEqual((await served.server.trail.find('topic:same', { order: 'asc' })).events)
      const { id } = walked[4] as AuditEvent
      const bounded = await served.client.call('events.get', {
        query: 'topic:same',
        seek: id,
        seekEnd: walked[9]?.index,
      })
      expect(bounded['events']).toEqual(walked.slice(4, 9))
    })

    it('P20: subscribes to what is stored, then to what comes, none twice and none missing', async () => {
      const recording = (async () => {
        for (let n = 0; n < 200; n += 5)
          await Promise.all(Array.from({ length: 5 }, () => served.server.trail.record('live.tick')))
      })()
      const seen = await Promise.all(
        Array.from({ length: 8 }, async (_, nth) => {
          await delay(nth * 4)
          const { subscription } = await served.client.call('events.subscribe', {
            paths: ['live'],
            limit: 200,
          })
          return await served.client.rest(subscription)
        }),
      )
      await recording
      const all = await served.server.trail.find('topic:live', { order: 'asc', limit: 1_000 })
      for (const { events, end } of seen) {
        expect(events).toEqual(all.events)
        expect(end).toMatchObject({ reason: 'limit', resume: (all.events.at(-1)?.index ?? 0) + 1 })
      }
    })

    it('P33: cancelling ends a live and a finished stream at once, frees the reader, and nothing follows', async () => {
      const before = served.server.trail.listeners
      const { subscription } = await served.client.call('events.subscribe', { query: 'topic:cancel' })
      expect(served.server.trail.listeners).toBe(before + 1)
      const cancelled = await served.client.call('events.unsubscribe', { subscription })
      expect(served.server.trail.listeners).toBe(before)
      expect(cancelled).toMatchObject({ ended: true })
      const { index } = await served.server.trail.record('cancel.tick')
      const again = await served.client.call('events.subscribe', {
        query: 'topic:cancel',
        seek: cancelled['resume'],
      })
      expect((await served.client.events(again['subscription'], 1))[0]?.index).toBe(index)
      await served.client.call('events.unsubscribe', { subscription: again['subscription'] })
      const finished = await served.client.call('events.subscribe', { query: 'topic:cancel', limit: 1 })
      expect(await served.client.rest(finished['subscription'])).toMatchObject({ end: { reason: 'limit' } })
      const { subscription: name } = finished
      expect(await served.client.call('events.unsubscribe', { subscription: name })).toEqual({ ended: false })
      expect(await served.client.call('events.unsubscribe', { subscription: 's999' })).toEqual({
        ended: false,
      })
      expect(served.client.notifications).toEqual([])
    })

    it('without follow, gives what is stored in either order, and ends', async () => {
      await served.server.trail.recordAll(Array.from({ length: 5 }, () => ({ action: 'stored.tick' })))
      const all = (await served.server.trail.find('topic:stored', { order: 'asc' })).events
      const seen = async (options: object): Promise<unknown> => {
        const { subscription } = await served.client.call('events.subscribe', {
          query: 'topic:stored',
          ...options,
        })
        const { events, end } = await served.client.rest(subscription)
        return [events, end?.['reason']]
      }
      expect(await seen({ follow: false })).toEqual([all, 'end'])
      expect(await seen({ follow: false, order: 'desc' })).toEqual([all.toReversed(), 'end'])
      expect(await seen({ follow: false, order: 'desc', limit: 2 })).toEqual([
        all.toReversed().slice(0, 2),
        'limit',
      ])
      expect(await seen({ seekEnd: all[2]?.id })).toEqual([all.slice(0, 2), 'seekEnd'])
      expect(await seen({ seekEnd: new Date(Date.now() + 300).toISOString() })).toEqual([all, 'seekEnd'])
      await expect(served.client.call('events.subscribe', { order: 'desc' })).rejects.toMatchObject({
        code: -32000,
        data: { code: 'ANNALS_INVALID', path: '/order' },
      })
    })
  })

  describe('metrics', () => {
    it('P31: answers, and replays the state on opening, then updates', async () => {
      await served.server.trail.record('counted.tick')
      const direct = await served.server.trail.metric('operations', { topic: 'counted' })
      expect(
        await served.client.call('metrics.get', { metric: 'operations', topic: 'counted' }),
      ).toMatchObject({
        metric: 'operations',
        value: direct.value,
      })
      const { subscription } = await served.client.call('metrics.subscribe', {
        metric: 'operations',
        topic: 'counted',
        everyMs: 50,
      })
      const totals: unknown[] = []
      for (let n = 1; n <= 3; n++) {
        const { method, params } = (await served.client.notification(subscription)) as RpcMessage
        expect(method).toBe('metrics.value')
        totals.push(params?.['value'])
        await served.server.trail.record('counted.tick')
      }
      expect(totals).toMatchObject([{ total: 1 }, { total: 2 }, { total: 3 }])
      expect(await served.client.call('metrics.unsubscribe', { subscription })).toEqual({ ended: true })
      expect(await served.client.call('metrics.unsubscribe', { subscription })).toEqual({ ended: false })
    })

    it('P32: refuses what is none, and readers of a part of a tenant', async () => {
      const refusal = (params: object, by = served.client): Promise<unknown> =>
        by.call('metrics.get', params).catch(({ code, data }) => [code, data.code, data.path])
      expect(await refusal({ metric: 'constructor' })).toEqual([-32000, 'ANNALS_INVALID', '/metric'])
      expect(await refusal({ metric: 'rate', last: -1 })).toEqual([-32000, 'ANNALS_INVALID', '/last'])
      expect(await refusal({ metric: 'rate', from: 'now' })).toEqual([-32602, 'ANNALS_INVALID', '/from'])
      expect(await refusal({ metric: 'rate', unknown: 1 })).toEqual([-32000, 'ANNALS_INVALID', '/unknown'])
      const user = { role: 'user', subject: { type: 'user', id: 'u1' } } as const
      await using one = await RpcClient.open(served.server.url, await served.server.token(user))
      expect(await refusal({ metric: 'rate' }, one)).toEqual([-32000, 'ANNALS_DENIED', undefined])
      await expect(one.call('metrics.subscribe', { metric: 'rate' })).rejects.toMatchObject({ code: -32000 })
      const admin = { role: 'tenant-admin', tenant: 'acme' } as const
      await using tenant = await RpcClient.open(served.server.url, await served.server.token(admin))
      await served.server.trail.record('counted.acme', { tenant: 'acme' })
      expect(await tenant.call('metrics.get', { metric: 'operations' })).toMatchObject({
        value: { total: 1 },
      })
    })
  })
})
