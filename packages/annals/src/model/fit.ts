import { isList } from './equal.ts'
import { AnnalsError } from './errors.ts'
import type { Change, Json, Truncation } from './event.ts'
import type { NormalEvent } from './normal-event.ts'
import { setOwn } from './own.ts'
import { escapeSegment } from './pointer.ts'
import { utf8Length, utf8Prefix } from './utf8.ts'

/** UTF-8 bytes that are always kept of a string that is cut, so that a reader sees what it began with. */
export const KEPT_BYTES = 256

/** What an entry of `truncated` costs beside its path: member names, digest, length. */
const ENTRY_BYTES = 128

/**
 * The event, cut until it is small enough: strings in `changes`, `data` and `outcome.message`, longest first, each to a
 * prefix of whole code points that is as long as possible and never shorter than {@link KEPT_BYTES}. Each is listed in `truncated` with
 * the length and digest of the full value. An event that fits is returned as it is.
 *
 * @param size bytes of the event as it will be stored
 * @param limitBytes most bytes allowed
 * @param sha256Hex SHA-256 of the UTF-8 bytes of a text, in lower-case hex
 * @throws AnnalsError ANNALS_LIMIT when cutting does not suffice
 * @example
 * ```ts
 * fitEvent(event, value => utf8Length(JSON.stringify(value)), 262_144, sha256Hex)
 * ```
 */
export function fitEvent(
  event: NormalEvent,
  size: (event: NormalEvent) => number,
  limitBytes: number,
  sha256Hex: (text: string) => string,
): NormalEvent {
  const full = size(event)
  if (full <= limitBytes) return event
  const longest = findLong(event)
  const kept = new Map<string, number>()
  let fitted = event
  let excess = full - limitBytes
  let next = 0
  while (excess > 0) {
    let progress = false
    for (; excess > 0; next += 1) {
      const candidate = longest[next]
      if (candidate === undefined) break
      const had = kept.get(candidate.path)
      const cost = had === undefined ? ENTRY_BYTES + candidate.path.length * 2 : 0
      const gain = (had ?? candidate.bytes) - KEPT_BYTES
      if (gain <= cost) continue
      const cut = Math.min(gain, excess + cost)
      kept.set(candidate.path, KEPT_BYTES + gain - cut)
      excess -= cut - cost
      progress = true
      // What it has left may be asked for in the next round.
      if (cut < gain) break
    }
    if (!progress) throw tooLarge(full, limitBytes, size(fitted))
    fitted = cutStrings(event, kept, sha256Hex)
    excess = size(fitted) - limitBytes
  }
  return fitted
}

function tooLarge(full: number, limitBytes: number, cut: number): AnnalsError {
  return new AnnalsError(
    'ANNALS_LIMIT',
    `the event has ${full} bytes, ${cut} after cutting its strings; ${limitBytes} are allowed`,
    {
      path: '',
      hint: 'store the content elsewhere and record a reference to it',
    },
  )
}

interface Long {
  readonly path: string
  readonly bytes: number
}

/** Strings worth cutting, longest first; equal ones in the order of their paths. */
function findLong(event: NormalEvent): Long[] {
  const found: Long[] = []
  rewrite(event, (text, path) => {
    const bytes = text.length > KEPT_BYTES / 3 ? utf8Length(text) : 0
    if (bytes > KEPT_BYTES) found.push({ path, bytes })
    return text
  })
  return found.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
}

function cutStrings(
  event: NormalEvent,
  kept: ReadonlyMap<string, number>,
  sha256Hex: (text: string) => string,
): NormalEvent {
  const truncated: Truncation[] = [...(event.truncated ?? [])]
  const cut = rewrite(event, (text, path) => {
    const most = kept.get(path)
    if (most === undefined) return text
    truncated.push({ path, bytes: utf8Length(text), sha256: sha256Hex(text) })
    return utf8Prefix(text, most)
  })
  return { ...cut, truncated }
}

type Rewrite = (text: string, path: string) => string

/** The event with the strings that may be cut passed through a function. */
function rewrite(event: NormalEvent, change: Rewrite): NormalEvent {
  const { changes, data, outcome } = event
  const { message } = outcome
  return {
    ...event,
    ...(changes === undefined
      ? {}
      : { changes: changes.map((one, at) => rewriteChange(one, `/changes/${at}`, change)) }),
    ...(data === undefined ? {} : { data: rewriteJson(data as Json, '/data', change) }),
    ...(message === undefined
      ? {}
      : { outcome: { ...outcome, message: change(message, '/outcome/message') } }),
  }
}

function rewriteChange(one: Change, path: string, change: Rewrite): Change {
  return {
    ...one,
    ...(one.before === undefined ? {} : { before: rewriteJson(one.before, `${path}/before`, change) }),
    ...(one.after === undefined ? {} : { after: rewriteJson(one.after, `${path}/after`, change) }),
  }
}

function rewriteJson(value: Json, path: string, change: Rewrite): Json {
  if (typeof value === 'string') return change(value, path)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map((element, at) => rewriteJson(element, `${path}/${at}`, change))
  const copy: Record<string, Json> = {}
  for (const name of Object.keys(value))
    setOwn(copy, name, rewriteJson(value[name] ?? null, `${path}/${escapeSegment(name)}`, change))
  return copy
}
