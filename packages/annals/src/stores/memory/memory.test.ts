import { afterAll, describe, expect, it } from 'vitest'
import { testStore } from '../../conformance/index.ts'
import { openMemory } from './index.ts'

const report = testStore(
  { describe, it, afterAll },
  { name: 'memory', open: () => openMemory(), supports: { persistence: false } },
)

describe('openMemory', () => {
  it('skips what needs persistence, and only that', () => {
    expect(new Set(report.skipped.map(({ reason }) => reason))).toEqual(
      new Set(['the store does not support persistence']),
    )
    expect(report.skipped.length).toBe(11)
    expect(report.laws).toBeGreaterThan(60)
  })

  it('takes origin and period, and refuses those that no log can have', async () => {
    const store = await openMemory({ origin: 'example.com/test', period: 'month' })
    expect(store.identity).toMatchObject({ origin: 'example.com/test', period: 'month' })
    await expect(openMemory({ origin: 'two words' })).rejects.toThrow(TypeError)
    await expect(openMemory({ origin: '' })).rejects.toThrow(TypeError)
    await expect(openMemory({ period: 'year' as 'day' })).rejects.toThrow('one of hour, day, month')
  })

  it('refuses everything once it is closed', async () => {
    const store = await openMemory()
    await store.close()
    const closed = { code: 'ANNALS_CLOSED' }
    await expect(store.log.open()).rejects.toMatchObject(closed)
    await expect(store.log.publish(new Uint8Array())).rejects.toMatchObject(closed)
    await expect(store.search.position('x')).rejects.toMatchObject(closed)
    await expect(store.search.keyed(['x'])).rejects.toMatchObject(closed)
  })
})
