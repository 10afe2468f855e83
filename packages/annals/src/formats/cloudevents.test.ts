import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type AuditEvent, DEFAULT_LIMITS, type Draft, type Json, normalizeDraft } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { sampleDrafts } from '../testing/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import {
  cloudEventOf,
  cloudEventOfDraft,
  draftOfCloudEvent,
  eventOf,
  parseCloudEvent,
  placeInCloudEvent,
} from './cloudevents.ts'

const source = 'audit.example.com/main'
const wire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const base = { specversion: '1.0', id: '7', source: '/mycontext', type: 'com.example.created' } as const

let events: AuditEvent[] = []
beforeAll(async () => {
  await using trail = await openTrail({ store: await openMemory() })
  await trail.recordAll([
    ...sampleDrafts({ count: 200, seed: 11 }),
    { action: 'a', targets: [{ type: 'x', id: 'a\u0000b' }], data: { long: 'y'.repeat(300_000) } },
  ])
  events = await Array.fromAsync(trail.events('', { includeLog: true }))
})

describe('an event as a CloudEvent', () => {
  it('comes back as it was, over the wire, and is a valid CloudEvent', () => {
    expect(events.length).toBeGreaterThan(200)
    for (const event of events) {
      const cloudEvent = parseCloudEvent(wire(cloudEventOf(event, { source })))
      expect(eventOf(cloudEvent)).toEqual(event)
      expect(cloudEvent).toMatchObject({ id: event.id, type: event.action, time: event.occurredAt, source })
      expect(cloudEvent['annalsindex']).toBe(String(event.index))
    }
    const unfit = events.find(({ action }) => action === 'a') as AuditEvent
    expect(cloudEventOf(unfit, { source }).subject, 'no control characters in attributes').toBeUndefined()
  })

  it('comes back whatever its data is', () => {
    const property = fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string(), (data, text) => {
      const event = { ...(events[3] as AuditEvent), data, description: text }
      expect(eventOf(parseCloudEvent(wire(cloudEventOf(event, { source }))))).toEqual(wire(event))
    })
    fc.assert(property)
  })

  it('is not recorded again as if it were a draft', () => {
    const cloudEvent = cloudEventOf(events[5] as AuditEvent, { source })
    expect(() => draftOfCloudEvent(cloudEvent)).toThrow(
      expect.objectContaining({ code: 'ANNALS_INVALID', path: '/datacontenttype' }),
    )
    expect(eventOf(base)).toBeUndefined()
  })
})

describe('a draft as a CloudEvent', () => {
  it('comes back as it was, with the id of the CloudEvent', () => {
    for (const draft of sampleDrafts({ count: 200, seed: 12 })) {
      const cloudEvent = parseCloudEvent(wire(cloudEventOfDraft(draft, { source, id: 'k1' })))
      expect(draftOfCloudEvent(cloudEvent)).toEqual(wire({ ...draft, id: 'k1' }))
    }
    const named = cloudEventOfDraft(
      { action: 'a', id: 'mine', occurredAt: new Date(0) },
      { source, id: 'k1' },
    )
    expect(named).toMatchObject({ id: 'mine', time: '1970-01-01T00:00:00.000Z' })
    expect(draftOfCloudEvent(named)).toEqual({
      action: 'a',
      id: 'mine',
      occurredAt: '1970-01-01T00:00:00.000Z',
    })
  })

  it('must agree with the attribute type', () => {
    const cloudEvent = { ...cloudEventOfDraft({ action: 'a' }, { source, id: '1' }), type: 'b' }
    expect(() => draftOfCloudEvent(cloudEvent)).toThrow(expect.objectContaining({ path: '/type' }))
  })
})

describe('a CloudEvent of others', () => {
  it('becomes a draft in which nothing is lost', () => {
    const draft = draftOfCloudEvent(
      parseCloudEvent({
        ...base,
        time: '2026-11-21T12:00:00Z',
        subject: 'cloudevents/spec/pull/123',
        dataschema: 'https://example.com/schema',
        datacontenttype: 'application/json; charset=utf-8',
        authtype: 'user',
        authid: 'alice',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        correlationid: 'c1',
        partitionkey: 'p',
        sampledrate: 30,
        important: true,
        absent: null,
        data: { appinfoA: 'abc', n: null },
      }),
    )
    expect(draft).toEqual<Draft>({
      action: 'com.example.created',
      source: { system: '/mycontext', id: '7' },
      occurredAt: '2026-11-21T12:00:00Z',
      actor: { type: 'user', id: 'alice' },
      targets: [{ type: 'subject', id: 'cloudevents/spec/pull/123' }],
      origin: {
        correlationId: 'c1',
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
      },
      tags: {
        partitionkey: 'p',
        sampledrate: '30',
        important: 'true',
        dataschema: 'https://example.com/schema',
      },
      data: { appinfoA: 'abc', n: null },
    })
    normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })
  })

  it('keeps what is no JSON as text, with its media type', () => {
    expect(
      draftOfCloudEvent(parseCloudEvent({ ...base, datacontenttype: 'text/xml', data: '<a/>' })),
    ).toMatchObject({
      data: '<a/>',
      tags: { datacontenttype: 'text/xml' },
    })
    expect(
      draftOfCloudEvent(parseCloudEvent({ ...base, datacontenttype: 'image/png', data_base64: 'AAE=' })),
    ).toMatchObject({ data: { base64: 'AAE=' }, tags: { datacontenttype: 'image/png' } })
    expect(draftOfCloudEvent({ ...base, data: null }).data).toBeNull()
    expect(draftOfCloudEvent({ ...base, traceparent: 'zz' }).tags).toEqual({ traceparent: 'zz' })
  })

  it.each<[string, unknown]>([
    ['', 5],
    ['', null],
    ['', []],
    ['/specversion', { ...base, specversion: '0.3' }],
    ['/id', { ...base, id: '' }],
    ['/source', { ...base, source: 4 }],
    ['/type', { ...base, type: undefined }],
    ['/time', { ...base, time: 'yesterday' }],
    ['/subject', { ...base, subject: 5 }],
    ['/Upper', { ...base, Upper: 'x' }],
    ['/a~1b~0', { ...base, 'a/b~': 'x' }],
    ['/__proto__', { ...base, ...JSON.parse('{"__proto__":{}}') }],
    ['/nested', { ...base, nested: {} }],
    ['/data_base64', { ...base, data_base64: '?' }],
    ['/data_base64', { ...base, data_base64: 'AAE=', data: 1 }],
  ])('is refused with its place: %s', (path, value) => {
    expect(() => parseCloudEvent(value)).toThrow(expect.objectContaining({ code: 'ANNALS_INVALID', path }))
  })

  it('is refused in its own words', () => {
    expect(placeInCloudEvent(base, '/action')).toBe('/type')
    expect(placeInCloudEvent(base, '/source/system')).toBe('/source')
    expect(placeInCloudEvent(base, '/source/id')).toBe('/id')
    expect(placeInCloudEvent(base, '/targets/0/id')).toBe('/subject')
    expect(placeInCloudEvent(base, '/tags/partitionkey')).toBe('/partitionkey')
    expect(placeInCloudEvent(base, '/data/a/0')).toBe('/data/a/0')
    expect(placeInCloudEvent(cloudEventOfDraft({ action: 'a' }, { source, id: '1' }), '/tags')).toBe(
      '/data/tags',
    )
  })

  it('never becomes anything but a draft or a refusal, whatever is given', () => {
    const property = fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (data, more) => {
        for (const value of [data, { ...base, ...more, data } as Json]) {
          try {
            const draft = draftOfCloudEvent(parseCloudEvent(value))
            expect(typeof draft.action).toBe('string')
          } catch (error) {
            expect(error).toMatchObject({ code: 'ANNALS_INVALID' })
          }
        }
      },
    )
    fc.assert(property)
  })
})
