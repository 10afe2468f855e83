import { setTimeout as delay } from 'node:timers/promises'
import type { Recorded } from 'annals'
import { openRemote, type RemoteTrail } from 'annals/remote'
import type { ServedLog } from './served-log.ts'

/** Longest burst, and most of what a client has that the server does not: events without an answer, and bytes in its spool. */
const BURST = 12
const OUTSTANDING = 200
const SPOOLED_BYTES = 200_000
/** Longer than the test: nothing is given up. */
const PATIENCE_MS = 600_000

/** A client that records without a break, whether or not there is a server: an event in four is one that nobody follows. */
export class RecordingClient implements AsyncDisposable {
  readonly name: string
  readonly trail: RemoteTrail
  /** How many were answered. */
  answered = 0
  readonly #answers: Promise<Recorded>[] = []
  readonly #stop = new AbortController()
  readonly #recording: Promise<void>

  private constructor(name: string, trail: RemoteTrail) {
    this.name = name
    this.trail = trail
    this.#recording = this.#record()
  }

  /** @param spool directory in which events wait while the server is away */
  static async start({ url, key }: ServedLog, name: string, spool?: string): Promise<RecordingClient> {
    const options = { url, token: key, spool, onError: () => {}, waiting: { patienceMs: PATIENCE_MS } }
    return new RecordingClient(name, await openRemote(options))
  }

  /** Stops recording; what each event was answered, in order, once all that was spooled was sent. */
  async finish(): Promise<readonly Recorded[]> {
    this.#stop.abort()
    await this.#recording
    const answers = await Promise.all(this.#answers)
    while (this.trail.spooledBytes > 0) await delay(10)
    return answers
  }

  async #record(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (let left = 1 + Math.floor(Math.random() * BURST); left > 0; left -= 1) {
        const n = this.#answers.length
        const action = n % 4 === 3 ? 'machine.look' : 'machine.step'
        const answer = this.trail.record(action, {
          actor: { type: 'service', id: this.name },
          data: { n },
        })
        answer.then(
          () => this.answered++,
          () => {},
        )
        this.#answers.push(answer)
      }
      // A refusal is told by finish().
      await this.#answers.at(-OUTSTANDING)?.catch(() => {})
      do await delay(5)
      while (this.trail.spooledBytes > SPOOLED_BYTES)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.trail.close()
  }
}
