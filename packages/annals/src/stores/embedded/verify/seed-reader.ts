import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../../log/digest.ts'
import { GGM_HEIGHT, type GgmNode, GgmWalk } from '../../../log/ggm.ts'
import { isObject } from '../../../log/parts.ts'
import { partSeed } from '../../../log/secrets.ts'
import type { KeyEncryption } from '../keys/key-encryption.ts'
import { type Layout, positionName } from '../layout.ts'

/** What is left of the secrets of a class in a chunk. */
export class ClassSeed {
  readonly #walk: GgmWalk
  readonly #kept: ReadonlyMap<string, Digest>

  constructor(nodes: readonly GgmNode[], kept: ReadonlyMap<string, Digest>) {
    this.#walk = new GgmWalk(nodes)
    this.#kept = kept
  }

  /** `e` of a part; undefined when it was removed from the secrets. */
  partSeed(offset: number, name: string): Digest | undefined {
    const g = this.#walk.leaf(offset)
    return g === undefined ? this.#kept.get(`${offset}/${name}`) : partSeed(g, name)
  }
}

/** Secrets of the classes of one chunk as they are kept, opened one by one. */
export class ChunkSeeds {
  readonly #kek: KeyEncryption
  readonly #chunk: number
  readonly #values: Readonly<Record<string, unknown>>

  /** @throws Error when the file cannot be read or is no JSON object */
  constructor(layout: Layout, kek: KeyEncryption, chunk: number) {
    this.#kek = kek
    this.#chunk = chunk
    const path = join(layout.keys, 'seeds', `${positionName(chunk)}.json`)
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (!isObject(value)) throw new Error(`${path} is no JSON object`)
    this.#values = value
  }

  /** @throws Error when it cannot be unwrapped, or is not in the form of section 17 */
  ofClass(retention: string): ClassSeed | 'destroyed' | undefined {
    const value = Object.hasOwn(this.#values, retention) ? this.#values[retention] : undefined
    if (value === undefined) return undefined
    if (value === null) return 'destroyed'
    const suffix = `\0${this.#chunk}\0${retention}`
    if (typeof value === 'string') {
      const seed = this.#kek.unwrap(Buffer.from(value, 'base64url'), `annals-seed/v1${suffix}`)
      return new ClassSeed([{ depth: 0, first: 0, node: seed.toString('latin1') }], new Map())
    }
    const text = isObject(value) ? value['punctured'] : undefined
    if (typeof text !== 'string') throw new Error('a class has neither a seed nor a punctured one')
    return readPunctured(this.#kek.unwrap(Buffer.from(text, 'base64url'), `annals-punctured/v1${suffix}`))
  }
}

function readPunctured(bytes: Buffer): ClassSeed {
  const nodes: GgmNode[] = []
  const kept = new Map<string, Digest>()
  let p = 4
  for (let n = bytes.readUInt32BE(0); n > 0; n--, p += 37) {
    const depth = bytes.readUInt8(p)
    const first = bytes.readUInt32BE(p + 1)
    const last = nodes.at(-1)
    if (
      depth > GGM_HEIGHT ||
      first % span(depth) !== 0 ||
      (last !== undefined && first < last.first + span(last.depth))
    )
      throw new Error('nodes of a punctured seed are out of order')
    nodes.push({ depth, first, node: digest(bytes, p + 5) })
  }
  let m = bytes.readUInt32BE(p)
  for (p += 4; m > 0; m--) {
    const nameEnd = p + 5 + bytes.readUInt8(p + 4)
    kept.set(`${bytes.readUInt32BE(p)}/${bytes.toString('latin1', p + 5, nameEnd)}`, digest(bytes, nameEnd))
    p = nameEnd + 32
  }
  if (p !== bytes.length) throw new Error('bytes follow a punctured seed')
  return new ClassSeed(nodes, kept)
}

function digest(bytes: Buffer, at: number): Digest {
  if (at + 32 > bytes.length) throw new Error('a punctured seed is cut short')
  return bytes.toString('latin1', at, at + 32)
}

function span(depth: number): number {
  return 2 ** (GGM_HEIGHT - depth)
}
