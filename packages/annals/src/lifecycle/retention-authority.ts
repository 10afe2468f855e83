import type { Range } from '../log/log-store.ts'
import { isObject } from '../log/parts.ts'

/** What a `log.retention` entry orders, `spec/log-v1.md` section 17. */
export interface RetentionAuthority {
  /** First position of the chunk. */
  readonly chunk: number
  readonly class: string
  /** The rule that it carries out: seconds since the chunk's last entry, or the newest of each subject. */
  readonly seconds?: number
  readonly last?: number
  /** Set when the rule is one of this tenant. */
  readonly tenant?: string
  /** Entries that it removes. */
  readonly entries: number
  /** Entries whose time has passed too and that a hold keeps. */
  readonly held: number
  /** Only entries of the class within these are meant; absent, all that the chunk has. */
  readonly ranges?: readonly Range[]
  /** Position of the entry, once there is one. In its own chunk it lapses: nothing at or after its position can be meant. */
  readonly index?: number
}

/** Whether an entry that orders removal from its own chunk has lapsed: the chunk went on because its end could not be signed. */
export function isLapsed({ index }: RetentionAuthority, hi: number): boolean {
  return index !== undefined && index < hi
}

/** Most ranges in one entry of the log: those of a larger authority are divided over several. */
export const AUTHORITY_RANGES = 4_096

/** Reads the `data` of a `log.retention` entry; undefined when it orders nothing that this version understands. */
export function readRetentionAuthority(data: unknown): RetentionAuthority | undefined {
  if (!isObject(data)) return undefined
  const { chunk, class: name, entries, ranges } = data
  if (!isPosition(chunk) || typeof name !== 'string' || !isPosition(entries)) return undefined
  if (ranges !== undefined && !(Array.isArray(ranges) && ranges.every(isRange))) return undefined
  return data as unknown as RetentionAuthority
}

/** Divides an authority so that each entry of the log stays small; `count` says how many entries of the class a range has. */
export function divideAuthority(
  authority: RetentionAuthority,
  counts: readonly number[],
  most: number = AUTHORITY_RANGES,
): readonly RetentionAuthority[] {
  const { ranges, held } = authority
  if (ranges === undefined || ranges.length <= most) return [authority]
  const divided: RetentionAuthority[] = []
  for (let at = 0; at < ranges.length; at += most) {
    divided.push({
      ...authority,
      entries: counts.slice(at, at + most).reduce((sum, count) => sum + count, 0),
      held: at === 0 ? held : 0,
      ranges: ranges.slice(at, at + most),
    })
  }
  return divided
}

function isRange(value: unknown): value is Range {
  return Array.isArray(value) && value.length === 2 && isPosition(value[0]) && isPosition(value[1])
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
