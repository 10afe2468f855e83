import { describe, expect, it } from 'vitest'
import { createCatalog, defineEvent } from '../catalog/index.ts'
import type { PartPlace } from '../log/log-store.ts'
import type { AuditEvent } from '../model/index.ts'
import { openEmbedded } from '../stores/embedded/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openReader } from '../trail/open-reader.ts'
import { openTrail } from '../trail/open-trail.ts'
import { all, newTrail, STORES, temporaryDirectory } from '../trail/trail.test-support.ts'
import { erase, hold, release } from './index.ts'
import { filesWith, isWiped, placeName, provableParts } from './provable.test-support.ts'

const ALICE = { type: 'user', id: 'alice-1' }
const BOB = { type: 'user', id: 'bob-22' }
const basis = 'GDPR Art. 17(1)(a)'

describe.each(STORES)('erase on the %s store', kind => {
  const open = async (onErased?: (parts: readonly PartPlace[]) => void) => {
    const store = kind === 'memory' ? await openMemory() : await openEmbedded({ dir: temporaryDirectory() })
    return { store, trail: await openTrail({ store, onErased }) }
  }

  it('T48 T54: a person is gone from every part, the events stay, and the erasure is an event itself', async () => {
    const told: PartPlace[] = []
    const { store, trail } = await open(parts => told.push(...parts))
    const acted = await trail.record('a.acted', {
      actor: { ...ALICE, name: 'Alice Liddell' },
      origin: { ip: '10.9.8.7' },
    })
    const target = await trail.record('a.targeted', { actor: BOB, targets: [ALICE] })
    const agent = await trail.record('a.agent', { actor: { type: 'service', id: 'bot', onBehalfOf: ALICE } })
    const mention = await trail.record('a.mention', { actor: BOB, data: { note: ['see alice-1!'] } })
    const other = await trail.record('a.other', { actor: BOB, data: { note: 'see alice-12' } })
    const size = trail.size
    const result = await trail.perform(erase, { persons: [ALICE], basis, request: 'T-1' })
    expect(result).toEqual({
      dryRun: false,
      persons: 1,
      events: 4,
      parts: 4,
      keys: 1,
      mentions: { erased: 1, reported: 0, explaining: 0 },
      held: 0,
      authorities: 1,
      positions: [size],
    })
    const erased = await Promise.all([acted, target, agent, mention, other].map(({ id }) => trail.get(id)))
    expect(erased.map(event => [event?.action, event?.erased])).toEqual([
      ['a.acted', ['who']],
      ['a.targeted', ['what']],
      ['a.agent', ['who']],
      ['a.mention', ['what']],
      ['a.other', undefined],
    ])
    expect(erased[0]).toMatchObject({ actor: { type: 'erased', id: '' }, origin: {} })
    const authority = await trail.get(size)
    const parts = [
      [acted.index, 'who'],
      [target.index, 'what'],
      [agent.index, 'who'],
      [mention.index, 'what'],
    ]
    expect(authority).toMatchObject({
      action: 'log.erasure',
      actor: { type: 'system', id: 'annals' },
      data: { parts, basis, request: 'T-1', keys: [expect.stringMatching(/^[0-9a-f]{32}$/)] },
    })
    expect(JSON.stringify(authority)).not.toMatch(/alice/i)
    expect(told).toEqual(parts)
    expect((await trail.find('alice-1')).events).toEqual([])
    expect((await trail.find('actor:alice-1 OR target:alice-1', { includeLog: true })).events).toEqual([])
    expect(await provableParts(store)).toMatchObject({
      wrong: [],
      shredded: parts.map(part => placeName(part as never)),
    })
    await trail.close()
  })

  it('asked again it does nothing, and records nothing', async () => {
    const { trail } = await open()
    await trail.record('a.b', { actor: ALICE })
    await trail.perform(erase, { persons: [ALICE], basis })
    const size = trail.size
    expect(await trail.perform(erase, { persons: [ALICE], basis })).toMatchObject({
      parts: 0,
      keys: 0,
      positions: [],
    })
    expect(await trail.perform(erase, { persons: [{ type: 'user', id: 'nobody' }], basis })).toMatchObject({
      persons: 0,
      parts: 0,
    })
    expect(trail.size).toBe(size)
    await trail.close()
  })

  it('a dry run gives the numbers of the run that follows, and changes nothing', async () => {
    const { store, trail } = await open()
    for (let n = 0; n < 20; n++)
      await trail.record('a.b', {
        actor: n % 3 === 0 ? ALICE : BOB,
        description: n % 4 === 0 ? 'for alice-1' : 'x',
      })
    const key = await store.keys.subject(ALICE)
    const size = trail.size
    const plan = await trail.perform(erase, { persons: [ALICE, BOB], basis, dryRun: true })
    expect([trail.size, await store.keys.subject(ALICE)]).toEqual([size, key])
    expect((await provableParts(store)).shredded).toEqual([])
    const { positions, ...done } = await trail.perform(erase, { persons: [ALICE, BOB], basis })
    expect(plan).toEqual({ ...done, dryRun: true, positions: [] })
    expect(positions).toEqual([size])
    await trail.close()
  })

  it('T54: a pseudonym is stable before, and unlinkable after', async () => {
    const { store, trail } = await open()
    const keyOf = async (index: number): Promise<readonly string[]> => {
      for await (const [one] of store.log.read(index, index + 1))
        return (
          one?.record.parts.flatMap(({ keys }) => keys.filter(key => !isWiped(key)).map(({ id }) => id)) ?? []
        )
      return []
    }
    const [first, second] = [
      await trail.record('a.b', { actor: ALICE }),
      await trail.record('a.b', { actor: ALICE }),
    ]
    const before = await keyOf(first.index)
    expect(await keyOf(second.index)).toEqual(before)
    await trail.perform(erase, { persons: [ALICE], basis })
    const third = await trail.record('a.b', { actor: ALICE })
    const after = await keyOf(third.index)
    expect([await keyOf(first.index), before.length, after.length]).toEqual([[], 1, 1])
    expect(after).not.toEqual(before)
    expect(await store.keys.subjectsById(before)).toEqual(new Map())
    // What was recorded since is whole, and another erasure takes it.
    expect(await provableParts(store)).toMatchObject({ wrong: [] })
    expect(await trail.perform(erase, { persons: [ALICE], basis })).toMatchObject({ parts: 1, keys: 1 })
    await trail.close()
  })

  it('several persons share entries that link nobody: parts are in the order of the log', async () => {
    const { trail } = await open()
    const persons = [ALICE, BOB, { type: 'user', id: 'carol-3' }]
    for (let n = 0; n < 12; n++)
      await trail.record('a.b', { actor: persons[n % 3], targets: [persons[(n + 1) % 3]] as never })
    const { positions, persons: known } = await trail.perform(erase, { persons, basis })
    const { parts, keys } = ((await trail.get(positions[0] as number)) as AuditEvent).data as {
      parts: PartPlace[]
      keys: string[]
    }
    expect([known, positions.length, parts.length]).toEqual([3, 1, 24])
    expect(parts).toEqual([...parts].sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1)))
    expect(keys).toEqual([...keys].sort())
    await trail.close()
  })

  it('one part of an event is redacted, and then its person erased', async () => {
    const { store, trail } = await open()
    const { id, index } = await trail.record('a.b', { actor: ALICE, data: { secret: 'x' } })
    const stays = await trail.record('a.b', { actor: BOB })
    const redacted = await trail.perform(erase, { events: [id], parts: ['what'], basis: 'court order' })
    expect(redacted).toMatchObject({ persons: 0, parts: 1, events: 1, keys: 0 })
    expect(await trail.get(redacted.positions[0] as number)).toMatchObject({
      action: 'log.redaction',
      data: { parts: [[index, 'what']], basis: 'court order' },
    })
    expect(await provableParts(store)).toMatchObject({ wrong: [], shredded: [`${index}/what`] })
    expect(await trail.get(id)).toMatchObject({ actor: ALICE, erased: ['what'] })
    expect(await trail.perform(erase, { events: [index], parts: ['what'], basis })).toMatchObject({
      parts: 0,
    })
    await trail.perform(erase, { persons: [ALICE], basis })
    const { proved, shredded, wrong } = await provableParts(store)
    expect([wrong, shredded]).toEqual([[], [`${index}/what`, `${index}/who`]])
    expect(proved).toContain(`${stays.index}/who`)
    await trail.close()
  })

  it('T53: a hold beats erasure and redaction, names itself, and its release ends that', async () => {
    const { store, trail } = await open()
    const held = await trail.record('a.held', { actor: ALICE })
    const free = await trail.record('a.free', { actor: ALICE })
    await trail.perform(hold, { hold: 'case 7', reason: 'r', query: 'action:a.held' })
    const [size, key] = [trail.size, await store.keys.subject(ALICE)]
    for (const request of [{ persons: [ALICE] }, { events: [held.id, free.id] }]) {
      await expect(trail.perform(erase, { ...request, basis })).rejects.toMatchObject({
        code: 'ANNALS_HELD',
        message: expect.stringMatching(/"case 7" \([12] parts?\)/),
      })
    }
    expect([trail.size, await store.keys.subject(ALICE)]).toEqual([size, key])
    const rest = await trail.perform(erase, { persons: [ALICE], basis, exceptHeld: true })
    expect(rest).toMatchObject({ parts: 1, held: 1, keys: 0 })
    expect(await provableParts(store)).toMatchObject({ wrong: [], shredded: [`${free.index}/who`] })
    expect(await trail.get(held.id)).toMatchObject({ actor: ALICE })
    await trail.perform(release, { hold: 'case 7', reason: 'r' })
    expect(await trail.perform(erase, { persons: [ALICE], basis })).toMatchObject({
      parts: 1,
      held: 0,
      keys: 1,
    })
    expect((await provableParts(store)).wrong).toEqual([])
    expect(await store.keys.subjectsById([key?.id ?? ''])).toEqual(new Map())
    await trail.close()
  })

  it('a key that an erasure retired and a hold kept goes with the next one, also when only archives have the content', async () => {
    const { store, trail } = await open()
    const { index } = await trail.record('a.b', { actor: ALICE })
    const key = await store.keys.subject(ALICE)
    await trail.perform(hold, { hold: 'h', reason: 'r', person: ALICE })
    expect(await trail.perform(erase, { persons: [ALICE], basis, exceptHeld: true })).toMatchObject({
      keys: 0,
    })
    await trail.perform(release, { hold: 'h', reason: 'r' })
    await trail.perform(erase, { events: [index], basis })
    expect(await trail.perform(erase, { persons: [ALICE], basis })).toMatchObject({
      persons: 1,
      parts: 0,
      keys: 1,
      authorities: 1,
    })
    expect((await store.keys.subjectsById([key?.id ?? ''])).size).toBe(0)
    expect(await store.keys.subjectIds(ALICE)).toEqual([])
    await trail.close()
  })

  it('a hold on a person keeps the key also when only archives have the content', async () => {
    const { store, trail } = await open()
    const { index } = await trail.record('a.b', { actor: ALICE })
    await trail.perform(erase, { events: [index], basis })
    await trail.perform(hold, { hold: 'h', reason: 'r', person: ALICE })
    await expect(trail.perform(erase, { persons: [ALICE], basis })).rejects.toMatchObject({
      code: 'ANNALS_HELD',
    })
    expect(await trail.perform(erase, { persons: [ALICE], basis, exceptHeld: true })).toMatchObject({
      keys: 0,
      parts: 0,
    })
    expect(await store.keys.subject(ALICE)).toBeUndefined()
    await trail.close()
  })

  it('an operator and an approver of earlier erasures are erased like anyone; what was erased, and why, stays', async () => {
    const { store, trail } = await open()
    await trail.record('a.b', { actor: ALICE })
    const first = await trail.perform(erase, {
      persons: [ALICE],
      basis,
      actor: BOB,
      approvals: ['carol-3', { type: 'user', id: 'dave-4' }],
    })
    const at = first.positions[0] as number
    expect(await trail.get(at)).toMatchObject({
      actor: BOB,
      data: {
        basis,
        approvals: [
          { type: 'user', id: 'carol-3' },
          { type: 'user', id: 'dave-4' },
        ],
      },
    })
    await trail.perform(erase, { persons: [BOB], basis })
    expect(await trail.get(at)).toMatchObject({
      actor: { type: 'erased' },
      erased: ['who'],
      data: { basis, approvals: [{ id: 'carol-3' }, {}] },
    })
    await trail.perform(erase, { persons: [{ type: 'user', id: 'dave-4' }], basis })
    const event = await trail.get(at)
    expect(event).toMatchObject({ erased: ['approvals', 'who'], data: { basis, parts: [[2, 'who']] } })
    expect(JSON.stringify(event)).not.toMatch(/bob|carol|dave/)
    expect((await provableParts(store)).wrong).toEqual([])
    await trail.close()
  })

  it('what explains the log is never erased: mentions in it are counted, redactions of it refused', async () => {
    const { trail } = await open()
    const set = await trail.perform(hold, { hold: 'h', reason: 'asked for by alice-1', query: 'action:none' })
    await trail.record('a.b', { actor: ALICE })
    expect(await trail.perform(erase, { persons: [ALICE], basis })).toMatchObject({
      parts: 1,
      mentions: { explaining: 1 },
    })
    await expect(trail.perform(erase, { events: [set.index], basis })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/events',
    })
    expect(await trail.perform(erase, { events: [set.index], parts: ['who'], basis })).toMatchObject({
      parts: 1,
    })
    expect(await trail.get(set.index)).toMatchObject({ data: { hold: 'h' }, erased: ['who'] })
    await trail.close()
  })

  it('erases while the same person and others go on acting: what is recorded meanwhile stays whole', async () => {
    const { store, trail } = await open()
    for (let n = 0; n < 50; n++) await trail.record('a.before', { actor: ALICE })
    let erasing = true
    const acting = (async () => {
      let count = 0
      for (; erasing; count++)
        await Promise.all(
          [ALICE, BOB, ALICE].map(actor => trail.record('a.during', { actor, targets: [ALICE] })),
        )
      return count
    })()
    const results = []
    for (let n = 0; n < 3; n++)
      results.push(await trail.perform(erase, { persons: [ALICE], basis, actor: BOB }))
    erasing = false
    expect(await acting).toBeGreaterThan(0)
    expect(results[0]?.parts).toBeGreaterThanOrEqual(50)
    await trail.record('a.after', { actor: ALICE })
    const { wrong, proved, shredded } = await provableParts(store)
    expect([wrong, shredded.length > 50, proved.length > 0]).toEqual([[], true, true])
    for (const event of (await trail.find('action:a.before', { limit: 100 })).events)
      expect(event.erased).toEqual(['who'])
    await trail.close()
  })
})

describe('mentions', () => {
  const record = async (id: string) => {
    const trail = await newTrail('memory')
    await trail.record('a.b', { actor: { type: 'user', id } })
    await trail.record('a.b', { actor: BOB, data: { note: `see ${id}` } })
    return trail
  }

  it.each([
    ['alice-1', undefined, { erased: 1, reported: 0 }],
    ['4711', undefined, { erased: 0, reported: 1 }],
    ['bo', undefined, { erased: 0, reported: 1 }],
    ['4711', 'erase', { erased: 1, reported: 0 }],
    ['alice-1', 'report', { erased: 0, reported: 1 }],
    ['alice-1', 'ignore', { erased: 0, reported: 0 }],
  ] as const)('of %j with %j', async (id, mentions, expected) => {
    const trail = await record(id)
    const result = await trail.perform(erase, {
      persons: [{ type: 'user', id }],
      basis,
      ...(mentions && { mentions }),
    })
    expect(result).toMatchObject({ parts: 1 + expected.erased, mentions: expected })
  })

  it('a part that is keyed to the person through a pointer of its type is no mention', async () => {
    const catalog = createCatalog(
      [
        defineEvent('disk.give', {
          persons: ['/data/owner', '/changes/~1owner'],
          parts: { owner: ['/data/owner'] },
        }),
      ],
      { personTypes: ['user', 'guest'] },
    )
    const store = await openMemory()
    const trail = await openTrail({ store, catalog })
    const { index } = await trail.record('disk.give', { data: { owner: 4711, size: 3 } })
    const result = await trail.perform(erase, { persons: [{ type: 'user', id: '4711' }], basis })
    expect(result).toMatchObject({ parts: 1, mentions: { erased: 0, reported: 0 } })
    expect(await trail.get(index)).toMatchObject({ data: { size: 3 }, erased: ['owner'] })
    await trail.close()
  })
})

it('a list too long for one entry is divided; keys come in the last, which alone may destroy them', async () => {
  const store = await openMemory()
  const trail = await openTrail({ store, limits: { eventBytes: 2_000 } })
  for (let n = 0; n < 300; n++) await trail.record('a.b', { actor: ALICE })
  const { positions, parts } = await trail.perform(erase, { persons: [ALICE], basis })
  expect(parts).toBe(300)
  const entries = await Promise.all(
    positions.map(async at => (await trail.get(at))?.data as { parts: unknown[]; keys?: unknown[] }),
  )
  expect(entries.length).toBeGreaterThan(2)
  expect(entries.reduce((sum, entry) => sum + entry.parts.length, 0)).toBe(300)
  expect(entries.map(entry => entry.keys?.length ?? 0)).toEqual([...entries.slice(1).map(() => 0), 1])
  expect((await provableParts(store)).wrong).toEqual([])
  await trail.close()
})

describe('a request', () => {
  it.each([
    [{ basis }, ''],
    [{ persons: [ALICE], events: [1], basis }, ''],
    [{ persons: [], basis }, '/persons'],
    [{ persons: [ALICE] }, '/basis'],
    [{ persons: [ALICE], parts: ['who'], basis }, '/parts'],
    [{ events: [-1], basis }, '/events/0'],
    [{ events: [0], parts: ['Who'], basis }, '/parts/0'],
    [{ persons: [{ type: 'user', id: '' }], basis }, '/persons/0/id'],
    [{ persons: [{ type: 'user', id: 'x'.repeat(513) }], basis }, '/persons/0/id'],
    [{ persons: [ALICE], basis, dryRun: 'yes' }, '/dryRun'],
    [{ persons: [ALICE], basis, mentions: 'all' }, '/mentions'],
    [{ persons: [ALICE], basis: 'asked by alice-1 herself' }, '/basis'],
    [{ persons: [ALICE], basis, request: 'alice-1' }, '/request'],
    [{ persons: [ALICE], basis, actor: ALICE }, '/actor'],
    [{ persons: [ALICE], basis, approvals: ['bob-22', 'alice-1'] }, '/approvals'],
    [{ persons: [ALICE], basis, person: 'x' }, '/person'],
    [[], ''],
  ])('%j is refused at %j, without quoting it', async (request, path) => {
    const trail = await newTrail('memory')
    const error: { message: string } = (await trail
      .perform(erase, request as never)
      .catch((thrown: unknown) => thrown as Error)) as never
    expect(error).toMatchObject({ code: 'ANNALS_INVALID', path })
    expect(error.message).not.toContain('alice')
  })

  it('names events and parts that there are', async () => {
    const trail = await newTrail('memory')
    const { index } = await trail.record('a.b')
    await expect(trail.perform(erase, { events: [99], basis })).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
    })
    await expect(
      trail.perform(erase, { events: ['0192f0c1-7c1e-7a52-9d0c-3b1f0e8a4d11'], basis }),
    ).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
    await expect(trail.perform(erase, { events: [index], parts: ['internal'], basis })).rejects.toMatchObject(
      { code: 'ANNALS_INVALID', path: '/parts' },
    )
  })
})

describe('on disk', () => {
  it('T52 T54: no byte of the person is left below the directory, the rest verifies, and a running reader forgets', async () => {
    const dir = temporaryDirectory()
    const trail = await openTrail({ dir })
    const draft = {
      actor: { ...ALICE, name: 'Alice Liddell' },
      origin: { ip: '10.98.87.76' },
      data: { mail: 'liddell@example.com' },
    }
    for (let n = 0; n < 40; n++)
      await trail.record('a.b', { ...draft, targets: [ALICE], tags: { owner: 'alice-1' } })
    for (let n = 0; n < 40; n++)
      await trail.record('a.c', { actor: BOB, description: n % 2 === 0 ? 'done for alice-1' : 'done' })
    const reader = await openReader({ dir })
    expect((await reader.find('alice-1', { limit: 100 })).events).toHaveLength(60)
    const words = ['alice', 'Alice', 'iddell', '10.98.87.76']
    expect(filesWith(dir, words)).not.toEqual([])
    const result = await trail.perform(erase, { persons: [ALICE], basis })
    expect(result).toMatchObject({ events: 60, parts: 100, keys: 1 })
    expect(filesWith(dir, words)).toEqual([])
    expect((await reader.find('alice-1')).events).toEqual([])
    expect(JSON.stringify((await reader.find('', { limit: 100 })).events)).not.toMatch(/alice/i)
    await reader.close()
    await trail.close()
    expect(filesWith(dir, words)).toEqual([])
    const again = await openReader({ dir })
    const report = await again.verify({ deep: true })
    expect(report.findings.filter(({ code }) => code.startsWith('E_') && code !== 'E_SIG_NONE')).toEqual([])
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: 'W_ERASED', message: expect.stringContaining('100 parts') }),
    )
    expect(await all(again.events('action:a.b'))).toHaveLength(40)
    await again.close()
  })
})
