import { isRetentionClass } from '../log/entry.ts'
import type { PartPlace, Range } from '../log/log-store.ts'
import { isObject } from '../log/parts.ts'
import { authorisedParts } from './authorised-parts.ts'

/** How long a class is kept: seconds, for ever, or the newest of each subject. */
export type Rule = number | 'forever' | { readonly last: number }

/** Rules by class. */
export type Rules = ReadonlyMap<string, Rule>

/** `log.erasure` or `log.redaction`: parts may be gone. */
export interface Removal {
  readonly kind: 'removal'
  readonly index: number
  readonly parts: readonly PartPlace[]
  /** Ids of destroyed subject keys, hex. */
  readonly keys: readonly string[]
}

/** `log.retention`: entries of a class in a chunk may be thinned. */
export interface Expiration {
  readonly kind: 'expiration'
  readonly index: number
  readonly time: number
  readonly chunk: number
  readonly retention: string
  /** The rule that was carried out. */
  readonly rule: Exclude<Rule, 'forever'>
  readonly tenant: string | undefined
  /** Positions that are meant; undefined for every one of the class in the chunk. */
  readonly ranges: readonly Range[] | undefined
  /** Entries that it removed, by its own account. */
  readonly entries: number
  /** Entries that a hold keeps. */
  readonly held: number
}

/** `log.seal`: what `seal.json` of a chunk must be. */
export interface SealNamed {
  readonly kind: 'seal'
  readonly index: number
  readonly lo: number
  readonly hi: number
  readonly period: string
  /** SHA-256 of seal.json, base64url. */
  readonly manifest: string
}

/** `log.archive`: a copy of the chunk was read back, so the chunk may be dropped. */
export interface Archived {
  readonly kind: 'archive'
  readonly index: number
  readonly lo: number
  readonly hi: number
}

/** `log.policy` or `log.catalog`: the rules of retention from here on. */
export interface RulesStated {
  readonly kind: 'policy' | 'catalog'
  readonly index: number
  readonly classes: Rules
  readonly tenants: ReadonlyMap<string, Rules>
  /** Seconds that no tenant's rule goes below. */
  readonly floor: number
}

/** `log.open` or `log.key`: a key that signs the log. */
export interface KeyNamed {
  readonly kind: 'key'
  readonly index: number
  readonly vkey: string
  /** The key that it takes over from; undefined for the first. */
  readonly replaces: string | undefined
}

/** What an entry of the log itself says to a verifier. */
export type OwnEntry = Removal | Expiration | SealNamed | Archived | RulesStated | KeyNamed

type Data = Readonly<Record<string, unknown>>
type Reader = (data: Data, index: number, time: number) => OwnEntry | undefined

const READERS: Readonly<Record<string, Reader>> = {
  'log.erasure': readRemoval,
  'log.redaction': readRemoval,
  'log.retention': readExpiration,
  'log.seal': readSeal,
  'log.archive': readArchive,
  'log.policy': readPolicy,
  'log.catalog': readCatalog,
  'log.open': readKey,
  'log.key': readKey,
}

/** Whether entries of this action say something to a verifier. */
export function speaks(action: string): boolean {
  return Object.hasOwn(READERS, action)
}

/**
 * What an entry of the log itself says; undefined when it does not say it in the form of section 17. Whatever is meant lies
 * before the entry.
 *
 * @param what the part `what`, held against its commitment
 */
export function readOwnEntry(
  action: string,
  what: string,
  index: number,
  time: number,
): OwnEntry | undefined {
  const read = READERS[action]
  let value: unknown
  try {
    value = JSON.parse(what)
  } catch {
    return undefined
  }
  const data = isObject(value) ? value['data'] : undefined
  return read === undefined || !isObject(data) ? undefined : read(data, index, time)
}

function readRemoval(data: Data, index: number): OwnEntry | undefined {
  if (!Array.isArray(data['parts'])) return undefined
  const keys = Array.isArray(data['keys']) ? data['keys'].filter(key => typeof key === 'string') : []
  return { kind: 'removal', index, parts: authorisedParts(index, data), keys }
}

function readExpiration(data: Data, index: number, time: number): OwnEntry | undefined {
  const { chunk, class: retention, seconds, last, tenant, ranges, entries = 0, held = 0 } = data
  if (!isPosition(chunk) || chunk >= index || typeof retention !== 'string' || !isRetentionClass(retention))
    return undefined
  const rule =
    isCount(seconds) && last === undefined
      ? seconds
      : seconds === undefined && isCount(last)
        ? { last }
        : undefined
  if (rule === undefined || (tenant !== undefined && typeof tenant !== 'string')) return undefined
  if (ranges !== undefined && !isRanges(ranges)) return undefined
  // What is thinned no longer says whose it was: without positions such an entry could mean anything.
  if (tenant !== undefined && ranges === undefined) return undefined
  return {
    kind: 'expiration',
    index,
    time,
    chunk,
    retention,
    rule,
    tenant,
    ranges,
    entries: isPosition(entries) ? entries : 0,
    held: isPosition(held) ? held : 0,
  }
}

function readSeal(data: Data, index: number): OwnEntry | undefined {
  const { lo, hi, period, manifest } = data
  return isPosition(lo) &&
    isPosition(hi) &&
    lo < hi &&
    hi <= index &&
    typeof period === 'string' &&
    typeof manifest === 'string'
    ? { kind: 'seal', index, lo, hi, period, manifest }
    : undefined
}

function readArchive(data: Data, index: number): OwnEntry | undefined {
  const { lo, hi } = data
  return isPosition(lo) && isPosition(hi) && lo < hi && hi <= index
    ? { kind: 'archive', index, lo, hi }
    : undefined
}

function readPolicy(data: Data, index: number): OwnEntry | undefined {
  const retention = data['retention']
  if (!isObject(retention)) return undefined
  const { classes, tenants, floor } = retention
  return {
    kind: 'policy',
    index,
    classes: readRules(classes, 1),
    tenants: new Map(
      isObject(tenants) ? Object.entries(tenants).map(([name, rules]) => [name, readRules(rules, 1)]) : [],
    ),
    floor: isPosition(floor) ? floor : 0,
  }
}

const DAY_SECONDS = 86_400

function readCatalog(data: Data, index: number): OwnEntry | undefined {
  return {
    kind: 'catalog',
    index,
    classes: readRules(data['retention'], DAY_SECONDS),
    tenants: new Map(),
    floor: 0,
  }
}

function readKey({ vkey, replaces }: Data, index: number): OwnEntry | undefined {
  if (typeof vkey !== 'string') return undefined
  return { kind: 'key', index, vkey, replaces: typeof replaces === 'string' ? replaces : undefined }
}

/** Rules in seconds; one that cannot be read keeps its class for ever, the safe side. */
function readRules(value: unknown, unit: number): Rules {
  if (!isObject(value)) return new Map()
  return new Map(
    Object.entries(value).map(([name, rule]): [string, Rule] => {
      if (isCount(rule)) return [name, rule * unit]
      const last = isObject(rule) ? rule['last'] : undefined
      return [name, isCount(last) ? { last } : 'forever']
    }),
  )
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isCount(value: unknown): value is number {
  return isPosition(value) && value > 0
}

function isRanges(value: unknown): value is Range[] {
  return (
    Array.isArray(value) &&
    value.every(
      range =>
        Array.isArray(range) &&
        range.length === 2 &&
        isPosition(range[0]) &&
        isPosition(range[1]) &&
        range[0] < range[1],
    )
  )
}
