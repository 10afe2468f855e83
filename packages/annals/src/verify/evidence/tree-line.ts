import { fromBase64Url, parseCanonical } from '@annals/tlog'
import type { Digest } from '../../log/digest.ts'
import { isRetentionClass } from '../../log/entry.ts'
import { isObject } from '../../log/parts.ts'

/** An entry of the bundle. */
export interface EntryLine {
  readonly kind: 'entry'
  readonly index: number
  /** Stated again, so that an altered entry is found where it is. */
  readonly leaf: Digest
  /** Not read yet. */
  readonly entry: unknown
  /** It is one of the events of events.ndjson. */
  readonly event: boolean
  /** Names of parts that were erased. */
  readonly erased: readonly string[]
  /** Not checked yet. */
  readonly parts: unknown
}

/** An entry past its retention, of which the leaf hash is left. */
export interface ThinnedLine {
  readonly kind: 'thinned'
  readonly index: number
  readonly leaf: Digest
  /** Its class, as the log says; empty when its chunk was dropped. */
  readonly retention: string
}

/** A complete subtree of entries that are not in the bundle. */
export interface HashLine {
  readonly kind: 'hash'
  readonly index: number
  readonly height: number
  readonly hash: Digest
}

/** A line of tree.ndjson: the next leaves of the log's tree, from left to right. */
export type TreeLine = EntryLine | ThinnedLine | HashLine

/** Heights of a tree of at most 2^52 leaves. */
const MOST_HEIGHT = 52
const OF_ENTRY = new Set(['entry', 'erased', 'event', 'index', 'leaf', 'parts'])

/** Reads a line strictly; undefined when it is none of the three, or not canonical JSON. */
export function parseTreeLine(bytes: Uint8Array): TreeLine | undefined {
  let value: unknown
  try {
    value = parseCanonical(bytes)
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const { index } = value
  if (!Number.isSafeInteger(index) || (index as number) < 0) return undefined
  const at = index as number
  if (value['entry'] !== undefined) return entryLine(at, value)
  return value['hash'] === undefined ? thinnedLine(at, value) : hashLine(at, value)
}

function entryLine(index: number, value: Record<string, unknown>): EntryLine | undefined {
  const { entry, event = false, erased = [], parts = {} } = value
  const leaf = digestOf(value['leaf'])
  if (leaf === undefined || !Object.keys(value).every(name => OF_ENTRY.has(name))) return undefined
  if (typeof event !== 'boolean' || !Array.isArray(erased)) return undefined
  if (!erased.every(name => typeof name === 'string')) return undefined
  return { kind: 'entry', index, leaf, entry, event, erased: erased as string[], parts }
}

function thinnedLine(index: number, value: Record<string, unknown>): ThinnedLine | undefined {
  const leaf = digestOf(value['leaf'])
  const { retention } = value
  if (leaf === undefined || typeof retention !== 'string' || Object.keys(value).length !== 3) return undefined
  return retention === '' || isRetentionClass(retention)
    ? { kind: 'thinned', index, leaf, retention }
    : undefined
}

function hashLine(index: number, value: Record<string, unknown>): HashLine | undefined {
  const hash = digestOf(value['hash'])
  const { height } = value
  if (hash === undefined || !Number.isInteger(height) || Object.keys(value).length !== 3) return undefined
  const h = height as number
  return h >= 0 && h <= MOST_HEIGHT && index % 2 ** h === 0
    ? { kind: 'hash', index, height: h, hash }
    : undefined
}

function digestOf(value: unknown): Digest | undefined {
  if (typeof value !== 'string') return undefined
  try {
    const bytes = fromBase64Url(value)
    return bytes.length === 32 ? Buffer.from(bytes).toString('latin1') : undefined
  } catch {
    return undefined
  }
}
