import { cloudEventOf, cloudEventOfDraft } from 'annals/formats/cloudevents'
import { describe, expect, it } from 'vitest'
import { post } from '../testing/post-events.ts'
import { serve } from '../testing/serve.ts'

const JSON_TYPE = 'application/json'
const CLOUDEVENT = 'application/cloudevents+json'
const CLOUDEVENTS = 'application/cloudevents-batch+json'

describe('CloudEvents', () => {
  const cloudEvent = {
    specversion: '1.0',
    id: '7',
    source: '/mycontext',
    type: 'com.example.created',
    time: '2026-11-21T12:00:00Z',
    subject: 'x/1',
    partitionkey: 'p',
    data: { a: 1 },
  }
  const expected = {
    action: 'com.example.created',
    occurredAt: '2026-11-21T12:00:00.000Z',
    targets: [{ type: 'subject', id: 'x/1' }],
    source: { system: '/mycontext', id: '7' },
    tags: { partitionkey: 'p' },
    data: { a: 1 },
  }

  it('in structured mode, in batches and in binary mode are the same event', async () => {
    await using server = await serve()
    const one = await post(server, cloudEvent, { type: `${CLOUDEVENT}; charset=utf-8` })
    expect(one.status).toBe(201)
    expect(await server.trail.get(one.json.id)).toMatchObject(expected)
    const batch = await post(server, [cloudEvent, { ...cloudEvent, id: '8' }], { type: CLOUDEVENTS })
    expect(batch.json.results).toMatchObject([{ id: one.json.id, duplicate: true }, { level: 'stored' }])
    const binary = await post(server, cloudEvent.data, {
      type: JSON_TYPE,
      'ce-specversion': '1.0',
      'ce-id': '7',
      'ce-source': '/mycontext',
      'ce-type': 'com.example.created',
      'ce-time': '2026-11-21T12:00:00Z',
      'ce-subject': '"x%2F1"',
      'ce-partitionkey': 'p',
    })
    expect(binary.json).toMatchObject({ id: one.json.id, duplicate: true })
  })

  it('in binary mode carry data of any type', async () => {
    await using server = await serve()
    const ce = { 'ce-specversion': '1.0', 'ce-source': '/x', 'ce-type': 'a.b' }
    const text = await post(server, 'h€llo', {
      type: 'text/plain',
      ...ce,
      'ce-id': '1',
      'ce-subject': '%E2%82%AC',
    })
    expect(await server.trail.get(text.json.id)).toMatchObject({
      data: 'h€llo',
      targets: [{ id: '€' }],
      tags: { datacontenttype: 'text/plain' },
    })
    const bytes = await post(server, Uint8Array.of(0, 255), { type: 'image/png', ...ce, 'ce-id': '2' })
    expect(await server.trail.get(bytes.json.id)).toMatchObject({ data: { base64: 'AP8=' } })
    const bad = await post(server, '{}', { ...ce, 'ce-id': '3', 'ce-subject': '%E2' })
    expect(bad.json).toMatchObject({ status: 400, path: 'ce-subject' })
  })

  it('holding a draft or an event of a log are recorded as what they hold', async () => {
    await using server = await serve()
    await using other = await serve()
    const draft = { action: 'machine.stop', tenant: 'acme', data: { n: 1 } }
    const wrapped = cloudEventOfDraft(draft, { source: '/app', id: 'd1' })
    const first = await post(server, wrapped, { type: CLOUDEVENT })
    const event = await server.trail.get(first.json.id)
    expect(event).toMatchObject(draft)
    expect(event?.source).toBeUndefined()
    const moved = cloudEventOf(event as never, { source: 'first.example.com' })
    const again = await post(other, [moved, moved], { type: CLOUDEVENTS })
    expect(again.json.counts).toEqual({ recorded: 1, duplicates: 1, refused: 0 })
    expect(await other.trail.get(again.json.results[0].id)).toMatchObject({
      ...draft,
      occurredAt: event?.occurredAt,
      source: { system: 'annals', id: first.json.id },
    })
  })

  it('are refused in their own words', async () => {
    await using server = await serve()
    const refused: readonly [value: unknown, path: string][] = [
      [{ ...cloudEvent, specversion: '0.3' }, '/specversion'],
      [{ ...cloudEvent, type: 'no action' }, '/type'],
      [{ ...cloudEvent, partitionkey: 'x'.repeat(600) }, '/partitionkey'],
      [{ ...cloudEvent, data_base64: 'AA==' }, '/data_base64'],
      [
        cloudEventOfDraft({ action: 'a', tags: { k: 5 } as never }, { source: '/x', id: '1' }),
        '/data/tags/k',
      ],
    ]
    for (const [at, [value, path]] of refused.entries()) {
      const one = await post(server, value, { type: CLOUDEVENT })
      expect(one.status).toBeGreaterThanOrEqual(400)
      expect(one.json.path).toBe(path)
      expect(one.json.detail).toMatch(new RegExp(`^${path}:`))
      const batch = await post(server, [value, { ...cloudEvent, id: `good-${at}` }], { type: CLOUDEVENTS })
      expect(batch.json.results).toMatchObject([{ error: { path } }, { level: 'stored' }])
    }
  })
})
