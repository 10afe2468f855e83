import type { Clocks } from '../log/clock.ts'

/** Clocks that stand still until they are moved, both alike. */
export interface MovedClocks extends Clocks {
  readonly wall: () => number
  readonly mono: () => number
  /** Moves on to an instant. */
  to(instant: string): void
  /** Moves on by milliseconds. */
  by(ms: number): void
}

/** Clocks that stand at an instant. */
export function clocksAt(instant: string): MovedClocks {
  let now = Date.parse(instant)
  return {
    wall: () => now,
    mono: () => now,
    to(next): void {
      now = Date.parse(next)
    },
    by(ms): void {
      now += ms
    },
  }
}
