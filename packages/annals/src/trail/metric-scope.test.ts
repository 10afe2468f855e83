import { describe, expect, it, onTestFinished } from 'vitest'
import { catalog, defineEvent } from '../catalog/index.ts'
import type { Scope } from '../query/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import type { LocalTrail } from './local-trail.ts'
import { openTrail } from './open-trail.ts'
import type { TrailReader } from './trail.ts'

const TYPES = catalog(
  defineEvent('login', { visibility: 'public' }),
  defineEvent('token.create', { visibility: 'owner' }),
  defineEvent('probe', { visibility: 'operator' }),
)
const all: Scope = { filter: '', level: 'operator', masks: [] }

async function filled(): Promise<LocalTrail> {
  const trail = await openTrail({ store: await openMemory(), catalog: TYPES })
  onTestFinished(() => trail.close())
  for (const [n, tenant] of ['acme', 'acme', 'umbra'].entries())
    for (const action of ['login', 'token.create', 'probe'] as const)
      await trail.record(action, { tenant, actor: { type: 'user', id: `u${n}` } })
  return trail as unknown as LocalTrail
}

async function total(reader: TrailReader, window = {}): Promise<number> {
  return (await reader.metric('operations', window)).value.total
}

describe('metrics of a restricted reader', () => {
  it('are those of its tenant and level, whatever it asks for', async () => {
    const trail = await filled()
    const acme = trail.restrict({ ...all, filter: '(tenant=acme)', level: 'owner' })
    expect(await total(acme)).toBe((await acme.count()).total)
    expect(await total(acme)).toBe(4)
    expect(await total(acme, { tenant: 'acme', visibility: 'operator' })).toBe(4)
    expect(await total(acme, { visibility: 'public' })).toBe(2)
    expect(await total(acme, { tenant: 'umbra' })).toBe(0)
    expect(await total(acme, { topic: 'log' })).toBe(0)
    expect(await total(acme, { topic: 'probe' })).toBe(0)
    expect((await acme.metric('actors')).value.distinct).toBe(2)
    expect(await total(trail.restrict({ ...all, level: 'public' }))).toBe(3)
    expect(await total(trail.restrict(all))).toBe(9)
    // A tenant may be called anything.
    for (const name of ['none', 'undefined', '*'])
      expect(await total(trail.restrict({ ...all, filter: `tenant="${name}"` }))).toBe(0)
  })

  it.each([
    'actor=u1',
    'tenant:acme',
    'tenant:*',
    '-tenant=acme',
    'tenant=acme,umbra',
    'tenant=acme project=p',
    'tenant=acme OR actor=u1',
    'index:..0',
    'acme',
  ])('are refused for a scope that is more than one tenant: %s', async filter => {
    const seen = (await filled()).restrict({ ...all, filter })
    await expect(seen.metric('operations')).rejects.toMatchObject({ code: 'ANNALS_DENIED' })
    expect(() => seen.metrics('operations')).toThrow('Metrics are counted by tenant')
  })

  it('tell nothing of what is masked', async () => {
    const trail = await filled()
    const masked = (...paths: readonly string[]): TrailReader =>
      trail.restrict({ ...all, masks: [{ paths, unless: 'actor:me' }] })
    const refused = async (reader: TrailReader): Promise<readonly string[]> => {
      const found: string[] = []
      for (const name of ['operations', 'actors', 'targets', 'duration', 'summary'] as const)
        await reader.metric(name).catch(({ code }) => found.push(`${name} ${code}`))
      return found
    }
    expect(await refused(masked('/origin/ip', '/data'))).toEqual([])
    expect(await refused(masked('/actor'))).toEqual(['actors ANNALS_DENIED', 'summary ANNALS_DENIED'])
    expect(await refused(masked('/outcome/durationMs'))).toEqual([
      'duration ANNALS_DENIED',
      'summary ANNALS_DENIED',
    ])
    const store = await openMemory()
    const internal = catalog(defineEvent('a', { visibility: 'owner', internal: ['/targets'] }))
    const other = await openTrail({ store, catalog: internal })
    onTestFinished(() => other.close())
    expect(await refused(other.restrict(all))).toEqual([])
    expect(await refused(other.restrict({ ...all, level: 'owner' }))).toEqual([
      'targets ANNALS_DENIED',
      'summary ANNALS_DENIED',
    ])
  })

  it('end with their reader, and the others go on', async () => {
    const trail = await filled()
    const acme = trail.restrict({ ...all, filter: 'tenant=acme' })
    const [theirs, ours] = [acme, trail].map(reader => reader.metrics('operations')[Symbol.asyncIterator]())
    expect((await theirs?.next())?.value?.value.total).toBe(6)
    expect((await ours?.next())?.value?.value.total).toBe(9)
    const waiting = theirs?.next()
    await acme.close()
    expect((await waiting)?.done).toBe(true)
    await expect(acme.metric('operations')).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    await trail.record('login')
    expect((await ours?.next())?.value?.value.total).toBe(10)
    await ours?.return?.()
  })
})
