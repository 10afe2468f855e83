import { randomBytes } from 'node:crypto'
import { defineAct } from '../../packages/annals/src/lifecycle/act.ts'
import { archive } from '../../packages/annals/src/lifecycle/archive/run.ts'
import { erase } from '../../packages/annals/src/lifecycle/erase.ts'
import { hold } from '../../packages/annals/src/lifecycle/hold.ts'
import { release } from '../../packages/annals/src/lifecycle/release.ts'
import { retentionRun } from '../../packages/annals/src/lifecycle/retention-acts.ts'
import { seal } from '../../packages/annals/src/lifecycle/seal.ts'
import type { Chunk } from '../../packages/annals/src/log/log-store.ts'
import type { Store } from '../../packages/annals/src/log/store.ts'
import type { Trail } from '../../packages/annals/src/trail/trail.ts'
import { type ClockedLog, nextHour } from '../tamper/sealed-support.ts'

/** What a log is put through. */
export type Step =
  | { readonly do: 'record'; readonly count: number }
  | { readonly do: 'pass'; readonly what: 'hour' | 'quarter' | 'half year' }
  | { readonly do: 'erase person'; readonly person: string }
  | { readonly do: 'redact'; readonly pick: number; readonly part: 'who' | 'what' | 'all' }
  | { readonly do: 'hold' | 'release'; readonly pick: number }
  | { readonly do: 'retention' | 'seal' | 'archive' | 'reopen' }

/** Persons of the events. */
export const PERSONS = ['anna', 'bert', 'cleo'] as const
/** How long the classes are kept, ms. */
const KEPT: Readonly<Record<string, number>> = { standard: 180 * 86_400_000, personal: 90 * 86_400_000 }

/** An event as it was recorded, and what must be gone of it. */
export interface Recorded {
  readonly index: number
  readonly time: number
  readonly actor: string
  readonly target: string
  readonly retention: string
  /** A word that stands in no other event. */
  readonly word: string
  readonly gone: Set<'who' | 'what'>
  /** `must`: the entry is past its time and nobody held it. `may`: it went with a chunk that ended in the middle of the act. */
  thinned: 'no' | 'may' | 'must'
}

/** A log and what should be in it. */
export class Model {
  readonly events: Recorded[] = []
  readonly holds = new Map<string, { readonly lo: number; readonly hi: number }>()
  readonly log: ClockedLog
  readonly archiveDir: string
  trail: Trail
  #holds = 0

  constructor(log: ClockedLog, trail: Trail, archiveDir: string) {
    this.log = log
    this.trail = trail
    this.archiveDir = archiveDir
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'record':
        return await this.#record(step.count)
      case 'pass':
        if (step.what === 'hour') nextHour(this.log)
        else this.log.clocks.by((step.what === 'quarter' ? 91 : 181) * 86_400_000)
        return
      case 'erase person':
        return await this.#erasePerson(step.person)
      case 'redact':
        return await this.#redact(step.pick, step.part)
      case 'hold':
        return await this.#hold(step.pick)
      case 'release':
        return await this.#release(step.pick)
      case 'retention':
        return await this.#expire()
      case 'seal':
        await this.trail.perform(seal, {})
        return
      case 'archive':
        await this.trail.perform(archive, { archive: { kind: 'directory', dir: this.archiveDir } })
        return
      case 'reopen':
        await this.trail.close()
        this.trail = await this.log.open()
    }
  }

  /** Gives what acts work with to a look at the store. */
  async look<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const act = defineAct({ name: 'look', check: () => undefined, perform: (_, { store }) => work(store) })
    return await this.trail.perform(act, undefined)
  }

  async #record(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const [actor, target] = [0, 1].map(k => PERSONS[(this.events.length + i * k) % 3]) as [string, string]
      const word = `q${randomBytes(8).toString('hex')}q`
      const retention = this.events.length % 2 === 0 ? 'standard' : 'personal'
      const { index = -1 } = await this.trail.record(retention === 'personal' ? 'door.note' : 'door.open', {
        actor: { type: 'user', id: actor },
        targets: [{ type: 'user', id: target }],
        data: { word },
      })
      const time = this.log.clocks.wall()
      this.events.push({ index, time, actor, target, retention, word, gone: new Set(), thinned: 'no' })
      this.log.clocks.by(1_000)
    }
  }

  async #erasePerson(person: string): Promise<void> {
    await this.trail.perform(erase, {
      persons: [{ type: 'user', id: person }],
      basis: 'a law',
      exceptHeld: true,
      mentions: 'ignore',
    })
    for (const event of this.events) {
      if (this.#held(event)) continue
      if (event.actor === person) event.gone.add('who')
      if (event.target === person) event.gone.add('what')
    }
  }

  async #redact(pick: number, part: 'who' | 'what' | 'all'): Promise<void> {
    const there = this.events.filter(event => event.thinned === 'no' && !this.#held(event))
    const event = there[pick % Math.max(there.length, 1)]
    if (event === undefined) return
    const parts = part === 'all' ? (['who', 'what'] as const) : ([part] as const)
    await this.trail.perform(erase, { events: [event.index], parts, basis: 'an order', exceptHeld: true })
    for (const name of parts) event.gone.add(name)
  }

  async #hold(pick: number): Promise<void> {
    const chunks = await this.#chunks()
    const chunk = chunks[pick % Math.max(chunks.length, 1)]
    // A hold on the open chunk would also keep what comes; its end is not known yet.
    if (chunk === undefined || chunk.state === 'open') return
    const name = `case-${this.#holds++}`
    await this.trail.perform(hold, { hold: name, reason: 'litigation', chunk: chunk.lo })
    this.holds.set(name, { lo: chunk.lo, hi: chunk.hi })
  }

  async #release(pick: number): Promise<void> {
    const name = [...this.holds.keys()][pick % Math.max(this.holds.size, 1)]
    if (name === undefined) return
    await this.trail.perform(release, { hold: name, reason: 'settled' })
    this.holds.delete(name)
  }

  async #expire(): Promise<void> {
    const before = await this.#chunks()
    await this.trail.perform(retentionRun, {})
    const now = this.log.clocks.wall()
    for (const event of this.events) {
      if (this.#held(event)) continue
      const chunk = before.find(({ lo, hi }) => event.index >= lo && event.index < hi)
      const due = (chunk?.lastTime ?? now) + (KEPT[event.retention] as number)
      if (due > now) continue
      if (chunk !== undefined && chunk.state !== 'open') event.thinned = 'must'
      else if (event.thinned === 'no') event.thinned = 'may'
    }
  }

  #chunks(): Promise<readonly Chunk[]> {
    return this.look(store => store.log.chunks())
  }

  #held({ index }: Recorded): boolean {
    return [...this.holds.values()].some(({ lo, hi }) => index >= lo && index < hi)
  }
}
