import { describe, expect, it } from 'vitest'
import { type ClockJump, DISBELIEF_MS, LARGEST_STEP_MS, LogClock } from './clock.ts'

const START = Date.parse('2026-11-21T05:00:00.000Z')

describe('LogClock', () => {
  it('T23: follows the wall clock, and waits out one that is set back', () => {
    const { clock, pass, jumps } = at(START)
    expect(clock.now()).toBe(START)
    pass(1_000)
    expect(clock.now()).toBe(START + 1_000)
    pass(10, -3_600_000)
    expect(clock.now()).toBe(START + 1_000)
    pass(3_600_000)
    expect(clock.now()).toBe(START + 1_010)
    expect(jumps).toEqual([])
  })

  it('never decreases, whatever the clocks do', () => {
    const { clock, pass } = at(START)
    let last = 0
    for (const [mono, step] of [
      [5, 0],
      [5, -99_999],
      [5, 70_000],
      [400_000, 0],
      [1, -5],
      [0, 1e9],
      [300_001, -1e9],
      [1, 0],
    ] as const) {
      pass(mono, step)
      const now = clock.now()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
  })

  it('begins no earlier than the last entry of the log', () => {
    const { clock, pass } = at(START, START + 5_000)
    expect(clock.now()).toBe(START + 5_000)
    pass(4_999)
    expect(clock.now()).toBe(START + 5_000)
    pass(2)
    expect(clock.now()).toBe(START + 5_001)
  })

  it('believes a step of up to a minute at once', () => {
    const { clock, pass, jumps } = at(START)
    clock.now()
    pass(0, LARGEST_STEP_MS)
    expect(clock.now()).toBe(START + LARGEST_STEP_MS)
    expect(jumps).toEqual([])
  })

  it('disbelieves a larger step for five minutes, then believes it; each is reported once', () => {
    const { clock, pass, jumps } = at(START)
    clock.now()
    pass(10, 3_600_000)
    for (let passed = 10; passed < DISBELIEF_MS; passed += 60_000) {
      expect(clock.now()).toBe(START + passed)
      pass(60_000)
    }
    expect(jumps).toEqual([{ by: 3_600_000, believed: false }])
    expect(clock.now()).toBe(START + 10 + 300_000 + 3_600_000)
    clock.now()
    expect(jumps).toEqual([
      { by: 3_600_000, believed: false },
      { by: 3_600_000, believed: true },
    ])
    pass(7)
    expect(clock.now()).toBe(START + 17 + 300_000 + 3_600_000)
    expect(jumps).toHaveLength(2)
  })

  it('a step that is taken back within five minutes leaves no trace but its report', () => {
    const { clock, pass, jumps } = at(START)
    clock.now()
    pass(0, 86_400_000)
    expect(clock.now()).toBe(START)
    pass(60_000, -86_400_000)
    expect(clock.now()).toBe(START + 60_000)
    pass(DISBELIEF_MS)
    expect(clock.now()).toBe(START + 60_000 + DISBELIEF_MS)
    expect(jumps).toEqual([{ by: 86_400_000, believed: false }])
  })

  it('each of two separate steps is reported', () => {
    const { clock, pass, jumps } = at(START)
    clock.now()
    for (let round = 0; round < 2; round++) {
      pass(0, 120_000)
      clock.now()
      pass(0, -120_000)
      clock.now()
    }
    expect(jumps.map(jump => jump.believed)).toEqual([false, false])
  })

  it('gives whole milliseconds while it goes by the monotonic clock', () => {
    const { clock, pass } = at(START)
    clock.now()
    pass(0.75, 3_600_000)
    expect(Number.isInteger(clock.now())).toBe(true)
  })

  it('uses the machine’s clocks when none are given', () => {
    const before = Date.now()
    const now = new LogClock({}).now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
  })
})

function at(
  start: number,
  last = 0,
): { clock: LogClock; pass(ms: number, step?: number): void; jumps: ClockJump[] } {
  let wall = start
  let mono = 17.5
  const jumps: ClockJump[] = []
  const clock = new LogClock({
    wall: () => Math.floor(wall),
    mono: () => mono,
    last,
    onJump: jump => jumps.push(jump),
  })
  return {
    clock,
    jumps,
    pass(ms, step = 0) {
      mono += ms
      wall += ms + step
    },
  }
}
