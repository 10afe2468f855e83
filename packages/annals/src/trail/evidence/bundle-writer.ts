import { canonicalize } from '@annals/tlog'
import { type Entry, readEntry } from '../../log/entry.ts'
import type { StoredPart } from '../../log/read-event.ts'
import type { DisclosedSecrets, ReadableStore } from '../../log/readable-store.ts'
import type { StoredRecord } from '../../log/record-bytes.ts'
import { AnnalsError } from '../../model/index.ts'
import { disclosedEvent } from '../../verify/disclosed-event.ts'
import { type Disclose, type SaltedPart, saltedParts } from '../disclose.ts'
import type { BundleFile } from './bundle-files.ts'
import type { WantedRecord } from './read-wanted.ts'
import { TreeLines } from './tree-lines.ts'

/** Entries of the log that explain why something is not there. Their part "what" says so, and names nobody. */
const EXPLAINING: ReadonlySet<string> = new Set([
  'log.archive',
  'log.erasure',
  'log.gap',
  'log.redaction',
  'log.retention',
])

/** What was written. */
export interface Written {
  readonly count: number
  /** `recordedAt` of the first and last event, ms. */
  readonly first: number | undefined
  readonly last: number | undefined
  /** Positions of `log.gap` entries. */
  readonly gaps: readonly number[]
  /** Root that the tree leads to. */
  readonly root: Buffer
}

/** What a {@link BundleWriter} works with. */
export interface BundleWriterOptions {
  readonly store: ReadableStore
  /** Leaves of the tree. */
  readonly size: number
  readonly events: BundleFile
  readonly tree: BundleFile
  readonly disclose: Disclose
}

/** Writes events.ndjson and tree.ndjson of a bundle together, position by position. */
export class BundleWriter {
  readonly size: number
  readonly #store: ReadableStore
  readonly #events: BundleFile
  readonly #lines: TreeLines
  readonly #disclose: Disclose
  readonly #gaps: number[] = []
  #secrets: Promise<DisclosedSecrets | undefined> | undefined
  #count = 0
  #first: number | undefined
  #last: number | undefined

  constructor({ store, size, events, tree, disclose }: BundleWriterOptions) {
    this.size = size
    this.#store = store
    this.#events = events
    this.#disclose = disclose
    this.#lines = new TreeLines(store, size, line => tree.line(line))
  }

  /** Writes one position. @param explained whether the log says why a part is gone */
  async write(
    { index, event, record }: WantedRecord,
    explained: (index: number, name: string) => boolean,
  ): Promise<void> {
    if (record.thinned !== undefined) {
      await this.#lines.thinned(index, record.thinned.leaf, record.thinned.retention)
      return
    }
    const text = record.entry.toString('latin1')
    const entry = readEntry(text)
    const secrets = await this.#secretsFor(event, entry)
    const parts =
      secrets === undefined
        ? []
        : await saltedParts(secrets, index, entry, record, this.#namesOf(event, entry, record))
    const erased = event && secrets !== undefined ? erasedParts(index, record, explained) : []
    await this.#lines.entry({ index, entry: text, event, parts, erased })
    if (entry.action === 'log.gap') this.#gaps.push(index)
    if (!event) return
    await this.#events.line(canonicalize(disclosedEvent(index, entry, storedParts(parts, erased))))
    this.#count++
    this.#first ??= entry.recordedAt
    this.#last = entry.recordedAt
  }

  async end(): Promise<Written> {
    const root = await this.#lines.end()
    ;(await this.#secrets)?.close()
    return { count: this.#count, first: this.#first, last: this.#last, gaps: this.#gaps, root }
  }

  /** Without keys, nothing can be disclosed: that is an error where somebody asked for it. */
  #secretsFor(event: boolean, entry: Entry): Promise<DisclosedSecrets | undefined> {
    if (!event && !EXPLAINING.has(entry.action)) return Promise.resolve(undefined)
    const optional = this.#disclose !== 'all' && this.#disclose.length === 0
    this.#secrets ??= this.#store.secrets().catch((error: unknown) => {
      if (optional && error instanceof AnnalsError && error.code === 'ANNALS_KEYS') return undefined
      throw error
    })
    return this.#secrets
  }

  #namesOf(event: boolean, entry: Entry, { parts }: StoredRecord): readonly string[] {
    const asked = event ? this.#disclose : []
    const explains = EXPLAINING.has(entry.action)
    return parts
      .filter(({ name, bytes }) => {
        if (bytes === null) return false
        return asked === 'all' || asked.includes(name) || (explains && name === 'what')
      })
      .map(part => part.name)
  }
}

function erasedParts(
  index: number,
  { parts }: StoredRecord,
  explained: (index: number, name: string) => boolean,
): string[] {
  const erased = parts.filter(part => part.bytes === null).map(part => part.name)
  if (erased.every(name => explained(index, name))) return erased
  throw new AnnalsError(
    'ANNALS_CONFLICT',
    `Content of the event at position ${index} was erased while the bundle was made, or without authority.`,
    { hint: 'Make the bundle again; if this comes back, run "annals verify".' },
  )
}

function storedParts(parts: readonly SaltedPart[], erased: readonly string[]): StoredPart[] {
  return [...parts, ...erased.map(name => ({ name, json: null }))].sort((a, b) => (a.name < b.name ? -1 : 1))
}
