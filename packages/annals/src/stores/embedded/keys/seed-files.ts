import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../../log/digest.ts'
import { replaceFile, syncDirectory } from '../files.ts'
import { type Layout, positionName } from '../layout.ts'
import type { KeyEncryption } from './key-encryption.ts'

/** Chunk seeds: one small file per chunk, so that destroying a seed rewrites little. */
export class SeedFiles {
  readonly #dir: string
  readonly #kek: KeyEncryption

  constructor(layout: Layout, kek: KeyEncryption) {
    this.#dir = join(layout.keys, 'seeds')
    this.#kek = kek
  }

  /** Seeds of a chunk, made where missing and durable before they are returned. One call at a time. */
  ensure(chunk: number, classes: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    const answer = this.#asking.then(() => this.#ensure(chunk, classes))
    this.#asking = answer.catch(() => {})
    return answer
  }
  #asking: Promise<unknown> = Promise.resolve()

  async #ensure(chunk: number, classes: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    const wrapped = this.#read(chunk)
    const missing = classes.filter(name => wrapped[name] === undefined)
    if (missing.length > 0) {
      mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
      for (const name of missing)
        wrapped[name] = this.#kek.wrap(randomBytes(32), seedName(chunk, name)).toString('base64url')
      await replaceFile(this.#path(chunk), `${JSON.stringify(wrapped)}\n`, 0o600)
      syncDirectory(join(this.#dir, '..'))
    }
    const seeds = Object.entries(wrapped).map(
      ([name, text]) => [name, this.#unwrap(chunk, name, text)] as const,
    )
    return new Map(seeds)
  }

  /** The seed of a chunk and class; undefined when there is none. */
  find(chunk: number, retention: string): Digest | undefined {
    const text = this.#read(chunk)[retention]
    return text === undefined ? undefined : this.#unwrap(chunk, retention, text)
  }

  #unwrap(chunk: number, name: string, text: string): Digest {
    return this.#kek.unwrap(Buffer.from(text, 'base64url'), seedName(chunk, name)).toString('latin1')
  }

  #read(chunk: number): Record<string, string> {
    try {
      return JSON.parse(readFileSync(this.#path(chunk), 'utf8')) as Record<string, string>
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw error
    }
  }

  #path(chunk: number): string {
    return join(this.#dir, `${positionName(chunk)}.json`)
  }
}

function seedName(chunk: number, retention: string): string {
  return `annals-seed/v1\0${chunk}\0${retention}`
}
