import { open, readFile, rename } from 'node:fs/promises'
import { AnnalsError, type Json } from '../model/index.ts'

/** The state of one thing, and the size of the log when it was found to be so. */
export interface KeptState {
  readonly state: Json
  readonly at: number
}

/** What an observer knows. */
export interface Known {
  /** Size of the log when the last poll began: what was recorded since may explain what the next one finds. */
  readonly since: number
  readonly states: ReadonlyMap<string, KeptState>
}

/**
 * The memory of an observer, in a file of its own. The log could not be it: of what a recorded operation explains nothing is observed,
 * so no event says how the thing is now; and a policy may mask what is compared here.
 */
export class KeptStates {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** @throws AnnalsError ANNALS_CORRUPT for a file that is none */
  async load(): Promise<Known | undefined> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    try {
      const { format, since, states } = JSON.parse(text) as { format: number; since: number; states: unknown }
      if (format !== 1 || !Number.isSafeInteger(since)) throw new TypeError('not of format 1')
      // Pairs, not members of an object: a key may have any name.
      const pairs = states as [key: string, at: number, state: Json][]
      return { since, states: new Map(pairs.map(([key, at, state]) => [key, { state, at }])) }
    } catch (cause) {
      throw new AnnalsError('ANNALS_CORRUPT', `${this.#path} holds no observed states.`, {
        cause,
        hint: 'Restore the file, or remove it: the next poll is a new baseline then.',
      })
    }
  }

  /** Replaces the file as a whole, durably; only the owner may read it. One observer writes a file. */
  async save({ since, states }: Known): Promise<void> {
    const pairs = [...states].map(([key, { state, at }]) => [key, at, state])
    const temporary = `${this.#path}.tmp`
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify({ format: 1, since, states: pairs }))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, this.#path)
  }
}
