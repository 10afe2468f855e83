import { describe, expect, it } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { LiveStreams, type StopReason } from './live-streams.ts'

const principal = { credential: 'key:1' } as Principal
const credentials = { watch: () => ({ [Symbol.dispose]: () => {} }) }

describe('LiveStreams', () => {
  it('has a bound, and a place that is left can be taken again', () => {
    const live = new LiveStreams(credentials, 2)
    const first = live.enter(principal, () => {})
    live.enter(principal, () => {})
    expect(() => live.enter(principal, () => {})).toThrow(expect.objectContaining({ status: 503 }))
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    expect(live.open).toBe(1)
    live.enter(principal, () => {})
  })

  it('leaves nothing behind when the credential has too many', () => {
    const live = new LiveStreams(
      {
        watch: () => {
          throw new Error('429')
        },
      },
      2,
    )
    expect(() => live.enter(principal, () => {})).toThrow('429')
    expect(live.open).toBe(0)
  })

  it('P4: stops when the last has left, or when patience is at its end; nothing new enters', async () => {
    const live = new LiveStreams(credentials, 10)
    const reasons: StopReason[] = []
    const polite: Disposable = live.enter(principal, reason => {
      reasons.push(reason)
      queueMicrotask(() => polite[Symbol.dispose]())
    })
    await live.stop(1_000_000)
    expect(reasons).toEqual(['stopping'])
    expect(() => live.enter(principal, () => {})).toThrow(expect.objectContaining({ status: 503 }))
    const stubborn = new LiveStreams(credentials, 10)
    stubborn.enter(principal, () => {})
    await stubborn.stop(20)
    expect(stubborn.open).toBe(1)
  })

  it('lets many streams rest longer than few, and none longer than a twentieth of a second', () => {
    const live = new LiveStreams(credentials, 5_000)
    live.enter(principal, () => {})
    expect(live.restMs).toBeLessThan(1)
    for (let n = 0; n < 4_000; n++) live.enter(principal, () => {})
    expect(live.restMs).toBe(50)
  })
})
