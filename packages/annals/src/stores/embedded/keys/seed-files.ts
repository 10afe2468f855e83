import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { classSecrets, onlyEntries, punctured, type SecretSet } from '../../../log/class-secrets.ts'
import type { GgmNode } from '../../../log/ggm.ts'
import type { ClassSecrets, Puncture } from '../../../log/key-store.ts'
import { AnnalsError } from '../../../model/index.ts'
import { syncDirectory } from '../files.ts'
import { type Layout, positionName } from '../layout.ts'
import type { KeyEncryption } from './key-encryption.ts'
import { replaceSecret } from './secret-file.ts'
import { rewrapSeed, type SeedText, unwrapSeed, wrapSeed, wrapSet } from './seed-text.ts'

/** Classes are named freely, also `constructor`. */
type SeedTexts = ReadonlyMap<string, SeedText>

/** Chunk seeds: one small file per chunk, so that destroying a seed rewrites little. Nothing of them is remembered. */
export class SeedFiles {
  readonly #dir: string
  readonly #kek: KeyEncryption
  #changing: Promise<unknown> = Promise.resolve()

  constructor(layout: Layout, kek: KeyEncryption) {
    this.#dir = seedsDir(layout)
    this.#kek = kek
  }

  /**
   * What is left of the seeds of a chunk; those that are missing are made, and durable before they are returned. Nothing for
   * a class that was destroyed.
   */
  ensure(chunk: number, classes: readonly string[]): Promise<ReadonlyMap<string, readonly GgmNode[]>> {
    return this.#inTurn(async () => {
      let texts = this.#read(chunk)
      const missing = classes.filter(name => !texts.has(name))
      if (missing.length > 0) {
        const made = missing.map(name => [name, wrapSeed(this.#kek, chunk, name, randomBytes(32))] as const)
        texts = new Map([...texts, ...made])
        await this.#write(chunk, texts)
      }
      const nodes = new Map<string, readonly GgmNode[]>()
      for (const name of classes) {
        const set = this.#unwrap(chunk, name, texts.get(name))
        if (set !== undefined) nodes.set(name, set.nodes)
      }
      return nodes
    })
  }

  /** What is left of the secrets of a class; undefined when there are none. */
  find(chunk: number, retention: string): ClassSecrets | undefined {
    const set = this.#unwrap(chunk, retention, this.#read(chunk).get(retention))
    return set === undefined ? undefined : classSecrets(set)
  }

  /** Removes entries, or parts of them, for good. */
  puncture(chunk: number, retention: string, punctures: readonly Puncture[]): Promise<void> {
    return this.#change(chunk, retention, set => punctured(set, punctures))
  }

  /** Removes everything but these entries, for good. A class that never was is destroyed, too: it will never be. */
  destroy(chunk: number, retention: string, except: readonly number[]): Promise<void> {
    return this.#change(chunk, retention, set => onlyEntries(set, except))
  }

  /** Wraps every secret with the key that wraps now, and tells after each file how many of all there are done. */
  async rewrap(progress: (done: number, total: number) => void): Promise<void> {
    const chunks = this.#chunks()
    for (const [i, chunk] of chunks.entries()) {
      await this.#inTurn(async () => {
        const before = this.#read(chunk)
        const after = new Map([...before].map(([name, text]) => [name, this.#rewrap(chunk, name, text)]))
        if ([...after].some(([name, text]) => text !== before.get(name))) await this.#write(chunk, after)
      })
      progress(i + 1, chunks.length)
    }
  }

  #change(
    chunk: number,
    retention: string,
    change: (set: SecretSet) => SecretSet | undefined,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const texts = this.#read(chunk)
      const set = this.#unwrap(chunk, retention, texts.get(retention))
      const left = change(set ?? NOTHING)
      if (
        set === undefined
          ? left !== undefined || texts.has(retention)
          : left !== undefined && sameSet(left, set)
      )
        return
      const text = left === undefined ? null : wrapSet(this.#kek, chunk, retention, left)
      await this.#write(chunk, new Map([...texts, [retention, text]]))
    })
  }

  /** One change at a time: each begins with what the one before has written. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => {})
    return changed
  }

  #unwrap(chunk: number, retention: string, text: SeedText | undefined): SecretSet | undefined {
    return text === undefined || text === null ? undefined : unwrapSeed(this.#kek, chunk, retention, text)
  }

  #rewrap(chunk: number, retention: string, text: SeedText): SeedText {
    try {
      return rewrapSeed(this.#kek, chunk, retention, text)
    } catch (cause) {
      throw new AnnalsError('ANNALS_KEYS', `${this.#path(chunk)} holds a seed that cannot be unwrapped.`, {
        cause,
        hint: 'Restore the file from a copy.',
      })
    }
  }

  async #write(chunk: number, texts: SeedTexts): Promise<void> {
    const made = mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    await replaceSecret(this.#path(chunk), `${JSON.stringify(Object.fromEntries(texts))}\n`)
    if (made !== undefined) syncDirectory(join(this.#dir, '..'))
  }

  #read(chunk: number): SeedTexts {
    const path = this.#path(chunk)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
      throw error
    }
    try {
      return new Map(Object.entries(JSON.parse(text) as Record<string, SeedText>))
    } catch (cause) {
      throw new AnnalsError('ANNALS_KEYS', `${path}, which holds the seeds of a chunk, is damaged.`, {
        cause,
        hint: 'Restore the file from a copy; without it the chunk can only be read.',
      })
    }
  }

  #chunks(): number[] {
    try {
      return readdirSync(this.#dir)
        .filter(name => /^\d{12,}\.json$/.test(name))
        .map(name => Number(name.slice(0, -'.json'.length)))
        .sort((a, b) => a - b)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #path(chunk: number): string {
    return join(this.#dir, `${positionName(chunk)}.json`)
  }
}

/** What there is of a class that never was, or was destroyed. */
const NOTHING: SecretSet = { nodes: [], parts: [] }

/** Where the seeds lie. */
export function seedsDir(layout: Layout): string {
  return join(layout.keys, 'seeds')
}

/** Nothing is ever added to a set, so that a change shows in its numbers; a seed that is cut has other nodes. */
function sameSet(a: SecretSet, b: SecretSet): boolean {
  return (
    a.parts.length === b.parts.length &&
    a.nodes.length === b.nodes.length &&
    a.nodes.every(({ first, depth }, i) => first === b.nodes[i]?.first && depth === b.nodes[i].depth)
  )
}
