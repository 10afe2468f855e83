import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { POLL_MS, PolledSource } from './polled-source.ts'

describe('PolledSource', () => {
  it('wakes listeners when the log has grown, within two polls', async () => {
    let size = 5
    const source = new PolledSource(() => size)
    let woken = 0
    const tap = source.tap(undefined, () => woken++)
    expect(tap.take()).toBeUndefined()
    await delay(POLL_MS * 2.5)
    expect(woken).toBe(0)
    size = 9
    await delay(POLL_MS * 2.5)
    expect(woken).toBe(1)
    expect(tap.take()).toEqual({ events: undefined, through: 9 })
    expect(tap.take()).toBeUndefined()
    tap.close()
  })

  it('wakes them though others ask for the size in between', async () => {
    let size = 0
    const source = new PolledSource(() => size)
    let woken = 0
    const tap = source.tap(undefined, () => woken++)
    size = 1
    expect(source.size()).toBe(1)
    await delay(POLL_MS * 2.5)
    expect(woken).toBe(1)
    tap.close()
  })

  it('looks only while someone listens', async () => {
    let looks = 0
    const source = new PolledSource(() => ++looks)
    const taps = [source.tap(undefined, () => {}), source.tap(undefined, () => {})]
    for (const tap of taps) tap.close()
    const before = looks
    await delay(POLL_MS * 2.5)
    expect(looks).toBe(before)
  })

  it('tells who waits when the log cannot be looked at, instead of ending the process', async () => {
    let broken = false
    const source = new PolledSource(() => {
      if (broken) throw new Error('EIO')
      return 5
    })
    let woken = 0
    const tap = source.tap(undefined, () => woken++)
    broken = true
    await delay(POLL_MS * 1.5)
    expect(woken).toBeGreaterThan(0)
    expect(() => tap.take()).toThrow('EIO')
    broken = false
    await delay(POLL_MS * 1.5)
    expect(tap.take()).toBeUndefined()
    tap.close()
  })
})
