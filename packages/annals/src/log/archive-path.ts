import { periodName } from './period.ts'
import type { Period } from './store.ts'

/** Where the archive of one chunk lies, `spec/log-v1.md` section 18. */
export interface ArchivePath {
  /** Name of the chunk's period, such as `2026-11-21`. */
  readonly period: string
  readonly lo: number
  readonly hi: number
  /** From 2 where objects of an earlier attempt stood in the way; else 1. */
  readonly attempt: number
}

/** A path that a name was taken apart into. */
export interface ArchiveName extends ArchivePath {
  /** `entries.bundle`, `manifest.json` or `parts-<class>.bin`. */
  readonly object: string
}

/** Name of the manifest within the directory of a chunk. */
export const MANIFEST_OBJECT = 'manifest.json'
/** Name of the entries. */
export const ENTRIES_OBJECT = 'entries.bundle'

/** Name of the parts of a retention class. */
export function partsObject(retention: string): string {
  return `parts-${retention}.bin`
}

/** The class that a name of parts is for; undefined for another name. */
export function classOfParts(object: string): string | undefined {
  return /^parts-([a-z][a-z0-9-]{0,63})\.bin$/.exec(object)?.[1]
}

/**
 * Directory of a chunk's archive below the prefix: `2026-11-21/000000000000-000000004711`.
 *
 * @example
 * ```ts
 * archivePath({ period: '2021-01', lo: 0, hi: 12, attempt: 1 }) // '2021-01/000000000000-000000000012'
 * ```
 */
export function archivePath({ period, lo, hi, attempt }: ArchivePath): string {
  return `${period}/${digits(lo)}-${digits(hi)}${attempt > 1 ? `.${attempt}` : ''}`
}

const NAME = /^([0-9_-]{7,13})\/([0-9]{12,})-([0-9]{12,})(?:\.([1-9][0-9]{0,5}))?\/([a-z0-9.-]+)$/

/**
 * Takes the name of an object, without the prefix, apart; undefined for every name that is not exactly of this form. Whatever
 * else lies in a bucket is another's.
 */
export function parseArchiveName(name: string): ArchiveName | undefined {
  const match = NAME.exec(name)
  if (match === null) return undefined
  const [, period = '', lo = '', hi = '', attempt = '1', object = ''] = match
  const found = { period, lo: Number(lo), hi: Number(hi), attempt: Number(attempt), object }
  const known = object === MANIFEST_OBJECT || object === ENTRIES_OBJECT || classOfParts(object) !== undefined
  const exact = name === `${archivePath(found)}/${object}`
  return known && exact && isPeriodName(period) && found.lo < found.hi && Number.isSafeInteger(found.hi)
    ? found
    : undefined
}

const FORMS: readonly (readonly [form: RegExp, period: Period, rest: string])[] = [
  [/^\d{4}-\d{2}$/, 'month', '-01T00'],
  [/^\d{4}-\d{2}-\d{2}$/, 'day', 'T00'],
  [/^\d{4}-\d{2}-\d{2}_\d{2}$/, 'hour', ''],
]

/** Whether a text is the name of a period that the calendar has: `2024-02-29` is, `2023-02-29` is not. */
export function isPeriodName(text: string): boolean {
  return FORMS.some(([form, period, rest]) => {
    if (!form.test(text)) return false
    const time = Date.parse(`${text.replace('_', 'T')}${rest}:00:00Z`)
    return !Number.isNaN(time) && periodName(period, time) === text
  })
}

/**
 * A prefix as it stands in front of names: empty, or ending in one slash. Names of chunks follow it and are never looked for in it.
 *
 * @throws TypeError for a prefix that cannot be part of a name everywhere
 */
export function archivePrefix(prefix = ''): string {
  const inner = prefix.replace(/^\/+|\/+$/g, '')
  if (inner === '') return ''
  const bad = inner.split('/').find(part => part === '' || part === '.' || part === '..')
  if (bad !== undefined || /[\p{Cc}\\]/u.test(inner) || inner.length > 512)
    throw new TypeError(
      `prefix ${JSON.stringify(prefix)}: at most 512 characters, names joined by "/", none of them "." or ".."`,
    )
  return `${inner}/`
}

function digits(position: number): string {
  return position.toString().padStart(12, '0')
}
