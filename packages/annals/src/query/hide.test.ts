import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../model/index.ts'
import { HIDDEN_ACTOR, hide, noteHidden } from './hide.ts'

const EVENT: AuditEvent = {
  id: 'i',
  index: 0,
  action: 'a',
  version: 1,
  phase: 'single',
  operation: 'i',
  outcome: { result: 'failure', message: 'no' },
  occurredAt: '2026-01-01T00:00:00.000Z',
  recordedAt: '2026-01-01T00:00:00.000Z',
  actor: { type: 'user', id: 'u', name: 'U', credential: { type: 'key', id: 'k' } },
  targets: [],
  origin: { ip: '10.0.0.1', host: 'h' },
  data: { secret: { deep: 'x' }, list: [{ secret: 'y' }], plain: 1 },
  truncated: [
    { path: '/data/secret/deep', bytes: 9, sha256: 'd' },
    { path: '/data/plain', bytes: 9, sha256: 'e' },
  ],
  notes: [{ path: '/origin/ip', reason: 'guessed' }],
  visibility: 'owner',
  retention: 'standard',
}

describe('hide', () => {
  it('takes out what is there, with everything that is told of it', () => {
    const { event, paths } = hide(EVENT, ['/origin/ip', '/data/secret', '/tags/none', '/outcome/message'])
    expect(paths).toEqual(['/origin/ip', '/data/secret', '/outcome/message'])
    expect(event.origin).toEqual({ host: 'h' })
    expect(event.data).toEqual({ list: [{ secret: 'y' }], plain: 1 })
    expect(event.outcome).toEqual({ result: 'failure' })
    expect(event.truncated).toEqual([{ path: '/data/plain', bytes: 9, sha256: 'e' }])
    expect(event.notes).toBeUndefined()
    expect(noteHidden(event, paths).notes?.map(note => note.path)).toEqual(paths)
  })

  it('leaves an event that is complete, and the one it was given as it was', () => {
    const before = structuredClone(EVENT)
    expect(hide(EVENT, ['/actor', '/origin']).event).toMatchObject({ actor: HIDDEN_ACTOR, origin: {} })
    expect(EVENT).toEqual(before)
    expect(hide(EVENT, ['/tags', '/data/constructor', '/data/plain/x']).event).toBe(EVENT)
  })

  it('a path into an array takes the array', () => {
    expect(hide(EVENT, ['/data/list/0/secret']).event.data).toEqual({ secret: { deep: 'x' }, plain: 1 })
  })

  it('hiding again changes nothing, in any order', () => {
    const path = fc.constantFrom(
      '/origin/ip',
      '/origin',
      '/actor/name',
      '/actor',
      '/data/secret/deep',
      '/data',
      '/notes',
    )
    fc.assert(
      fc.property(fc.uniqueArray(path), paths => {
        const { event } = hide(EVENT, paths)
        expect(hide(event, paths).event).toEqual(event)
        expect(hide(EVENT, [...paths].reverse()).event).toEqual(event)
      }),
    )
  })
})
