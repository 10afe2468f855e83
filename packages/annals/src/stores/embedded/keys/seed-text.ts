// Values of `keys/seeds/<lo>.json`, `spec/log-v1.md` section 17.

import type { KeptPart, SecretSet } from '../../../log/class-secrets.ts'
import type { Digest } from '../../../log/digest.ts'
import { type GgmNode, ggmSeed } from '../../../log/ggm.ts'
import type { KeyEncryption } from './key-encryption.ts'

/** A class of a chunk as it is kept: its wrapped seed, what is left of it, or null once it was destroyed. */
export type SeedText = string | { readonly punctured: string } | null

/** Wraps a whole seed. */
export function wrapSeed(kek: KeyEncryption, chunk: number, retention: string, seed: Uint8Array): SeedText {
  return kek.wrap(seed, seedName(chunk, retention)).toString('base64url')
}

/** Wraps what is left of a seed. */
export function wrapSet(kek: KeyEncryption, chunk: number, retention: string, set: SecretSet): SeedText {
  return { punctured: kek.wrap(formatSet(set), puncturedName(chunk, retention)).toString('base64url') }
}

/** The secrets of a class that was not destroyed. */
export function unwrapSeed(
  kek: KeyEncryption,
  chunk: number,
  retention: string,
  text: NonNullable<SeedText>,
): SecretSet {
  if (typeof text !== 'string')
    return parseSet(kek.unwrap(Buffer.from(text.punctured, 'base64url'), puncturedName(chunk, retention)))
  const seed = kek.unwrap(Buffer.from(text, 'base64url'), seedName(chunk, retention))
  return { nodes: ggmSeed(seed.toString('latin1')), parts: [] }
}

/** The same secret wrapped with the key that wraps now; the text itself when it was. */
export function rewrapSeed(kek: KeyEncryption, chunk: number, retention: string, text: SeedText): SeedText {
  if (text === null) return null
  const whole = typeof text === 'string'
  const name = (whole ? seedName : puncturedName)(chunk, retention)
  const wrapped = Buffer.from(whole ? text : text.punctured, 'base64url')
  if (kek.wraps(wrapped, name)) return text
  const again = kek.wrap(kek.unwrap(wrapped, name), name).toString('base64url')
  return whole ? again : { punctured: again }
}

/** The bytes of a punctured seed. */
export function formatSet({ nodes, parts }: SecretSet): Buffer {
  const names = parts.reduce((total, { name }) => total + name.length, 0)
  const bytes = Buffer.alloc(8 + 37 * nodes.length + 37 * parts.length + names)
  let at = bytes.writeUInt32BE(nodes.length, 0)
  for (const { depth, first, node } of nodes) {
    at = bytes.writeUInt8(depth, at)
    at = bytes.writeUInt32BE(first, at)
    at += bytes.write(node, at, 32, 'latin1')
  }
  at = bytes.writeUInt32BE(parts.length, at)
  for (const { offset, name, e } of parts) {
    at = bytes.writeUInt32BE(offset, at)
    at = bytes.writeUInt8(name.length, at)
    at += bytes.write(name, at, 'latin1')
    at += bytes.write(e, at, 32, 'latin1')
  }
  return bytes
}

/** A punctured seed from its bytes, which GCM has found to be those that were wrapped. */
function parseSet(bytes: Buffer): SecretSet {
  const text = (length: number): Digest => {
    at += length
    return bytes.toString('latin1', at - length, at)
  }
  const u8 = (): number => bytes.readUInt8(at++)
  const u32 = (): number => {
    at += 4
    return bytes.readUInt32BE(at - 4)
  }
  let at = 0
  const nodes = Array.from({ length: u32() }, (): GgmNode => ({ depth: u8(), first: u32(), node: text(32) }))
  const parts = Array.from(
    { length: u32() },
    (): KeptPart => ({ offset: u32(), name: text(u8()), e: text(32) }),
  )
  return { nodes, parts }
}

function seedName(chunk: number, retention: string): string {
  return `annals-seed/v1\0${chunk}\0${retention}`
}

function puncturedName(chunk: number, retention: string): string {
  return `annals-punctured/v1\0${chunk}\0${retention}`
}
