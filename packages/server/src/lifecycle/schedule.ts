import type { Logger } from 'pino'
import type { LastRun } from './last-run.ts'
import type { RunMemory } from './run-memory.ts'

/** How a task is doing. */
export interface RunState {
  readonly running: boolean
  /** When it is due, ISO 8601 UTC. */
  readonly next: string
  readonly last?: LastRun
}

/** Something that is done again and again. */
export interface Task {
  readonly name: string
  /** First instant after this one at which it is due; both are ms since the epoch. */
  next(after: number): number
  run(): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly complete: boolean }>
}

interface Planned {
  readonly task: Task
  due: number
  running: boolean
  last: LastRun | undefined
}

/** How often the clock is looked at, milliseconds: a timer for tomorrow would not see a clock that is set. */
const LOOK_MS = 30_000

/**
 * Runs tasks when they are due, one at a time. What fell due while the server was down is made up for, once; a clock that
 * jumps ahead brings one run and not many, and one that is set back does not put a run off.
 */
export class Schedule {
  readonly #planned: readonly Planned[]
  readonly #memory: RunMemory
  readonly #log: Logger
  readonly #now: () => number
  #running: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(planned: readonly Planned[], memory: RunMemory, log: Logger, now: () => number) {
    this.#planned = planned
    this.#memory = memory
    this.#log = log
    this.#now = now
  }

  static async open(
    tasks: readonly Task[],
    memory: RunMemory,
    log: Logger,
    now: () => number = Date.now,
  ): Promise<Schedule> {
    const known = await memory.load()
    const planned = tasks.map(task => {
      const last = known.runs[task.name]
      const since = Date.parse(last?.begun ?? known.since)
      const due = Math.min(task.next(Number.isNaN(since) ? now() : since), task.next(now()))
      return { task, due, running: false, last }
    })
    return new Schedule(planned, memory, log, now)
  }

  /** Begins to look at the clock. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref()
    void this.look()
  }

  /** Every task by name. */
  get states(): Readonly<Record<string, RunState>> {
    return Object.fromEntries(
      this.#planned.map(({ task, due, running, last }) => [
        task.name,
        { running, next: new Date(due).toISOString(), ...(last === undefined ? {} : { last }) },
      ]),
    )
  }

  /** Runs what is due; never rejects. Asked again while something runs, it waits for that and looks again. */
  look(): Promise<void> {
    this.#running = this.#running.then(async () => {
      for (const planned of this.#planned) {
        if (this.#closed) return
        const now = this.#now()
        planned.due = Math.min(planned.due, planned.task.next(now))
        if (now >= planned.due) await this.#run(planned, now)
      }
    })
    return this.#running
  }

  /** Begins nothing any more; resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#running
  }

  async #run(planned: Planned, now: number): Promise<void> {
    const { task } = planned
    const begun = new Date(now).toISOString()
    planned.running = true
    let ending: Omit<LastRun, 'begun' | 'ended'>
    try {
      const { counts, complete } = await task.run()
      ending = { outcome: complete ? 'done' : 'partly', counts }
    } catch (error) {
      const { code } = error as { code?: unknown }
      ending = { outcome: 'failed', code: typeof code === 'string' ? code : 'INTERNAL' }
      this.#log.error({ task: task.name, err: error }, 'a scheduled task failed')
    }
    planned.running = false
    planned.last = { begun, ended: new Date(this.#now()).toISOString(), ...ending }
    planned.due = task.next(Math.max(now, this.#now()))
    this.#log.info({ task: task.name, outcome: ending.outcome, ...ending.counts }, 'a scheduled task ran')
    const runs = Object.fromEntries(
      this.#planned.flatMap(one => (one.last === undefined ? [] : [[one.task.name, one.last]])),
    )
    await this.#memory.save(runs).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'the last runs could not be noted')
    })
  }
}
