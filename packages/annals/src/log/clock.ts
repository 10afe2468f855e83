/** Largest forward step of the wall clock against the monotonic one that is believed at once, in milliseconds. */
export const LARGEST_STEP_MS = 60_000
/** How long a larger step must last before it is believed, in milliseconds. */
export const DISBELIEF_MS = 300_000

/** The clocks of the machine, both in milliseconds. */
export interface Clocks {
  /** Since the epoch; may step. @defaultValue Date.now */
  readonly wall?: () => number
  /** Since some fixed point; never steps. @defaultValue performance.now */
  readonly mono?: () => number
}

/** A jump that was first disbelieved, for `log.gap` {kind: clock}. */
export interface ClockJump {
  /** Milliseconds that the wall clock went ahead of the monotonic one. */
  readonly by: number
  readonly believed: boolean
}

/**
 * The time events are recorded at: milliseconds since the epoch, never decreasing. A clock set back is waited out; a
 * forward jump of more than a minute is believed only when it has lasted five minutes by the monotonic clock.
 */
export class LogClock {
  #last: number
  #anchor: { wall: number; mono: number } | undefined
  #jumpedAt: number | undefined
  readonly #onJump: (jump: ClockJump) => void
  readonly #wall: () => number
  readonly #mono: () => number

  /** @param options.last the time of the last entry of the log */
  constructor(options: Clocks & { readonly last?: number; readonly onJump?: (jump: ClockJump) => void }) {
    this.#last = options.last ?? 0
    this.#onJump = options.onJump ?? (() => {})
    this.#wall = options.wall ?? Date.now
    this.#mono = options.mono ?? (() => performance.now())
  }

  now(): number {
    const wall = Math.floor(this.#wall())
    const mono = this.#mono()
    let time = wall
    if (this.#anchor === undefined) {
      this.#anchor = { wall, mono }
    } else {
      const expected = this.#anchor.wall + (mono - this.#anchor.mono)
      const ahead = wall - expected
      if (ahead > LARGEST_STEP_MS) {
        if (this.#jumpedAt === undefined) {
          this.#jumpedAt = mono
          this.#onJump({ by: Math.round(ahead), believed: false })
        }
        if (mono - this.#jumpedAt < DISBELIEF_MS) time = Math.floor(expected)
        else this.#believe(wall, mono, { by: Math.round(ahead), believed: true })
      } else {
        this.#jumpedAt = undefined
        // Follow slow drift and steps back, so that they are not taken for a jump later.
        this.#anchor = { wall, mono }
      }
    }
    if (time > this.#last) this.#last = time
    return this.#last
  }

  #believe(wall: number, mono: number, jump: ClockJump): void {
    this.#anchor = { wall, mono }
    this.#jumpedAt = undefined
    this.#onJump(jump)
  }
}
