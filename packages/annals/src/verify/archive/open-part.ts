import { createDecipheriv, createSecretKey } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { ARCHIVE_DICTIONARY } from '../../log/archive-dictionary.ts'
import { type Digest, sha256Base64Url } from '../../log/digest.ts'
import type { ClassSecrets } from '../../log/key-store.ts'
import {
  commitmentPrefixLength,
  partAad,
  partKey,
  partSalt,
  partSecret,
  refsMask,
  writeCommitmentPrefix,
} from '../../log/secrets.ts'

const TAG = 16
const HEAD = 6
const MOST_BYTES = 8 * 1024 * 1024

/** What came of opening a part. */
export type OpenedPart =
  | { readonly kind: 'opened'; readonly bytes: Buffer }
  /** The bytes are not what was encrypted there. */
  | { readonly kind: 'ciphertext'; readonly why: string }
  /** The content is not what the entry commits to. */
  | { readonly kind: 'mismatch' }
  /** What it is kept under was destroyed: by the id of a subject key (hex), or as a position of the seed. */
  | { readonly kind: 'shredded'; readonly key: string | undefined }

/** The part that is asked for. */
export interface PartAsked {
  readonly origin: string
  readonly chunk: number
  readonly index: number
  readonly name: string
  /** base64url. */
  readonly commitment: string
}

/** Opens the slot of a part (without its length) and holds the content against its commitment. */
export function openPart(
  part: PartAsked,
  slot: Buffer,
  secrets: ClassSecrets,
  subjectKey: (id: string) => Digest | undefined,
): OpenedPart {
  const count = slot.readUInt16BE(0)
  const from = HEAD + 16 * count
  if (slot.length < from + TAG) return { kind: 'ciphertext', why: 'its slot is cut short' }
  const e = secrets.partSeed(part.index - part.chunk, part.name)
  if (e === undefined) return { kind: 'shredded', key: undefined }
  const keys: Digest[] = []
  for (let k = 0; k < count; k++) {
    const id = refsMask(e, k)
    for (let b = 0; b < 16; b++) id[b] = (id[b] as number) ^ (slot[HEAD + 16 * k + b] as number)
    const key = subjectKey(id.toString('latin1'))
    if (key === undefined) return { kind: 'shredded', key: id.toString('hex') }
    keys.push(key)
  }
  const ps = partSecret(e, keys)
  let bytes: Buffer
  try {
    bytes = inflate(decrypt(part, slot, from, partKey(ps)))
  } catch (error) {
    return { kind: 'ciphertext', why: (error as Error).message }
  }
  const scratch = Buffer.allocUnsafe(commitmentPrefixLength(part.name) + bytes.length)
  bytes.copy(scratch, writeCommitmentPrefix(scratch, 0, partSalt(ps), part.name))
  return sha256Base64Url(scratch) === part.commitment ? { kind: 'opened', bytes } : { kind: 'mismatch' }
}

function decrypt({ origin, index, name }: PartAsked, slot: Buffer, from: number, key: Digest): Buffer {
  const nonce = Buffer.alloc(12)
  slot.copy(nonce, 8, 2, HEAD)
  const end = slot.length - TAG
  // A key object costs a third of what bytes do.
  const opener = createSecretKey(key, 'latin1')
  const decipher = createDecipheriv('aes-256-gcm', opener, nonce, { authTagLength: TAG })
  decipher.setAAD(partAad(origin, index, name)).setAuthTag(slot.subarray(end))
  const deflated = decipher.update(slot.subarray(from, end))
  decipher.final()
  return deflated
}

function inflate(deflated: Buffer): Buffer {
  const options = { dictionary: ARCHIVE_DICTIONARY, maxOutputLength: MOST_BYTES, info: true }
  const { buffer, engine } = inflateRawSync(deflated, options) as unknown as {
    readonly buffer: Buffer
    readonly engine: { readonly bytesWritten: number }
  }
  if (engine.bytesWritten !== deflated.length) throw new RangeError('bytes follow its stream')
  return buffer
}
