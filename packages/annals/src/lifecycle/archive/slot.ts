import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ARCHIVE_DICTIONARY } from '../../log/archive-dictionary.ts'
import type { Digest } from '../../log/digest.ts'
import { archiveNonce, partAad, partKey, partSecret, refsMask } from '../../log/secrets.ts'

/** A part where it stands. */
export interface PartPosition {
  readonly origin: string
  readonly index: number
  readonly name: string
}

/** Head of a slot: length, number of keys, iv. */
const HEAD = 10
const TAG = 16
/** Most bytes a part may have when inflated: those of a record. */
const MOST_BYTES = 8 * 1024 * 1024

/** The slot of a part that had been erased. */
export const EMPTY_SLOT: Buffer = Buffer.alloc(4)

/** A subject key with its id, in the order of ids. */
export interface SlotKey {
  readonly id: string
  readonly key: Digest
}

// Key objects cost a third of what keys as bytes do.

/** The slot of a part, `spec/log-v1.md` section 18. */
export function encodeSlot(at: PartPosition, e: Digest, keys: readonly SlotKey[], bytes: Uint8Array): Buffer {
  const key = partKey(
    partSecret(
      e,
      keys.map(one => one.key),
    ),
  )
  const deflated = deflateRawSync(bytes, { dictionary: ARCHIVE_DICTIONARY, level: 9, memLevel: 8 })
  const nonce = archiveNonce(key, deflated)
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key, 'latin1'), nonce)
  cipher.setAAD(partAad(at.origin, at.index, at.name))
  const body = cipher.update(deflated)
  cipher.final()
  const slot = Buffer.allocUnsafe(HEAD + 16 * keys.length + body.length + TAG)
  let p = slot.writeUInt32BE(slot.length - 4, 0)
  p = slot.writeUInt16BE(keys.length, p)
  p += nonce.copy(slot, p, 8)
  for (const [k, { id }] of keys.entries()) p += hidden(id, e, k).copy(slot, p)
  p += body.copy(slot, p)
  cipher.getAuthTag().copy(slot, p)
  return slot
}

function hidden(id: string, e: Digest, k: number): Buffer {
  const mask = refsMask(e, k)
  for (let b = 0; b < 16; b++) mask[b] = (mask[b] as number) ^ id.charCodeAt(b)
  return mask
}

/** A slot that was taken apart; still closed. */
export interface Slot {
  /** Key ids as they are hidden, 16 bytes each. */
  readonly refs: readonly Buffer[]
  readonly iv: Buffer
  /** Ciphertext and tag. */
  readonly body: Buffer
}

/** Takes a slot (without its length) apart. @throws RangeError when it is none */
export function parseSlot(bytes: Buffer): Slot {
  if (bytes.length < HEAD - 4 + TAG) throw new RangeError('a slot is cut short')
  const count = bytes.readUInt16BE(0)
  const from = HEAD - 4 + 16 * count
  if (bytes.length < from + TAG) throw new RangeError('a slot is cut short')
  const refs = Array.from({ length: count }, (_, k) => bytes.subarray(6 + 16 * k, 22 + 16 * k))
  return { refs, iv: bytes.subarray(2, 6), body: bytes.subarray(from) }
}

/** Ids of the subject keys of a slot, 16 bytes each in latin1. */
export function slotKeyIds({ refs }: Slot, e: Digest): string[] {
  return refs.map((ref, k) => hidden(ref.toString('latin1'), e, k).toString('latin1'))
}

/** Opens a slot. @throws Error when the bytes are not what was put there under these keys */
export function decodeSlot(at: PartPosition, slot: Slot, e: Digest, keys: readonly Digest[]): Buffer {
  const key = partKey(partSecret(e, keys))
  const nonce = Buffer.alloc(12)
  slot.iv.copy(nonce, 8)
  const opener = createSecretKey(key, 'latin1')
  const decipher = createDecipheriv('aes-256-gcm', opener, nonce, { authTagLength: TAG })
  decipher.setAAD(partAad(at.origin, at.index, at.name))
  decipher.setAuthTag(slot.body.subarray(slot.body.length - TAG))
  const deflated = decipher.update(slot.body.subarray(0, slot.body.length - TAG))
  decipher.final()
  return inflateAll(deflated)
}

function inflateAll(deflated: Buffer): Buffer {
  const { buffer, engine } = inflateRawSync(deflated, {
    dictionary: ARCHIVE_DICTIONARY,
    maxOutputLength: MOST_BYTES,
    info: true,
  }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
  if (engine.bytesWritten !== deflated.length) throw new RangeError('bytes follow the stream of a part')
  return buffer
}
