import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Bucket, readBucket } from './bucket.ts'
import { ByteReader } from './bytes.ts'
import type { Group } from './groups.ts'

/*
 * What is kept of a rollup:
 *
 *   "annals metrics 1\n"     u32le length of the head     head, JSON     buckets, back to back     32 HMAC-SHA-256 of all before
 *
 * It is derived: a file of another version, or one whose HMAC is not right under the key, is as good as none.
 */
const MAGIC: Buffer = Buffer.from('annals metrics 1\n')
const MAC_BYTES = 32

/** A rollup up to a position. */
export interface KeptRollup {
  readonly position: number
  /** Leaf hash of the last entry that was counted, base64url: whether it is this log. */
  readonly mark: string
  readonly groups: readonly Group[]
  readonly buckets: readonly Bucket[]
}

/** @param key at least 32 bytes */
export function formatMetrics({ position, mark, groups, buckets }: KeptRollup, key: Uint8Array): Uint8Array {
  const head = Buffer.from(
    JSON.stringify({
      position,
      mark,
      groups: groups.map(({ action, tenant, visibility }) => [action, tenant, visibility]),
    }),
  )
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const body = Buffer.concat([
    MAGIC,
    length,
    head,
    ...buckets.map(({ bytes }) => bytes),
    Buffer.alloc(MAC_BYTES),
  ])
  const end = body.length - MAC_BYTES
  createHmac('sha256', key).update(body.subarray(0, end)).digest().copy(body, end)
  return body
}

/** What {@link formatMetrics} wrote under the same key; undefined for anything else. */
export function parseMetrics(bytes: Uint8Array, key: Uint8Array): KeptRollup | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = file.length - MAC_BYTES
  const at = MAGIC.length + 4
  if (end < at || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const mac = createHmac('sha256', key).update(file.subarray(0, end)).digest()
  if (!timingSafeEqual(mac, file.subarray(end))) return undefined
  const begin = at + file.readUInt32LE(MAGIC.length)
  const { position, mark, groups } = JSON.parse(file.toString('utf8', at, begin)) as {
    readonly position: number
    readonly mark: string
    readonly groups: readonly [Group['action'], Group['tenant'], Group['visibility']][]
  }
  const buckets: Bucket[] = []
  const body = file.subarray(0, end)
  for (const from = new ByteReader(body, begin); !from.ended; ) buckets.push(readBucket(body, from))
  return {
    position,
    mark,
    groups: groups.map(([action, tenant, visibility]) => ({ action, tenant, visibility })),
    buckets,
  }
}
