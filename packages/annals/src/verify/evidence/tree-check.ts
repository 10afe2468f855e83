import { canonicalize } from '@annals/tlog'
import { type Digest, sha256, sha256Bytes } from '../../log/digest.ts'
import { type Entry, EntryError, parseEntry } from '../../log/entry.ts'
import { isObject } from '../../log/parts.ts'
import { readEvent, type StoredPart } from '../../log/read-event.ts'
import type { AuditEvent } from '../../model/index.ts'
import { authorisedParts } from '../authorised-parts.ts'
import { type DisclosedEvent, disclosedEvent } from '../disclosed-event.ts'
import { checkDisclosedParts } from '../disclosed-parts.ts'
import type { Findings } from '../findings.ts'
import { checkNeighbours } from '../neighbours.ts'
import { SourceCounters } from '../source-ranges.ts'
import { TreeFold } from '../tree-fold.ts'
import type { EvidenceManifest } from './manifest.ts'
import { Thinning } from './thinning.ts'
import { type EntryLine, parseTreeLine, type TreeLine } from './tree-line.ts'

/** The last millisecond that ISO 8601 has a date for in ECMAScript. */
const LATEST = 8.64e15

/** Checks tree.ndjson line by line. Memory grows with what was erased, not with events. */
export class TreeCheck {
  readonly #manifest: EvidenceManifest
  /** Whether a header meets the query; undefined when headers alone do not decide it. */
  readonly #meets: ((header: AuditEvent) => boolean) | undefined
  readonly #findings: Findings
  readonly #fold = new TreeFold()
  readonly #counters = new SourceCounters()
  readonly #thinning = new Thinning()
  /** `index/part` of parts that are gone. */
  readonly #gone = new Set<string>()
  readonly #gaps: number[] = []
  #line = 0
  #broken = false
  #last: { readonly id: string; readonly time: number } | undefined
  #authorities = 0
  #erased = 0
  #undisclosed = 0
  entries = 0
  events = 0
  first: number | undefined
  last: number | undefined

  constructor(
    manifest: EvidenceManifest,
    meets: ((header: AuditEvent) => boolean) | undefined,
    findings: Findings,
  ) {
    this.#manifest = manifest
    this.#meets = meets
    this.#findings = findings
  }

  /** Checks a line; answers with the event it proves, where it is one of the events. */
  add(bytes: Buffer): DisclosedEvent | undefined {
    this.#line++
    const line = parseTreeLine(bytes)
    if (line === undefined) {
      this.#break(
        'E_PROOF_FORMAT',
        undefined,
        `Line ${this.#line} of tree.ndjson is none of its three kinds.`,
      )
      return undefined
    }
    this.#join(line)
    if (line.kind === 'hash') {
      const [from, to] = this.#manifest.range
      if (this.#manifest.complete && line.index < to && line.index + 2 ** line.height > from)
        this.#findings.add(
          'E_ENTRY_MISSING',
          line.index,
          'A complete bundle has a hash where entries must be.',
        )
      return undefined
    }
    if (line.kind === 'entry') return this.#entry(line)
    this.#thinning.thinned(line.index, line.retention)
    return undefined
  }

  /** Root that everything leads to; undefined when the lines do not join. */
  root(): Digest | undefined {
    return this.#broken || this.#fold.size !== this.#manifest.size ? undefined : this.#fold.root()
  }

  /** What only the whole can tell. */
  end(): { readonly erased: number; readonly authorities: number; readonly thinned: number } {
    if (!this.#broken && this.#fold.size !== this.#manifest.size) {
      this.#findings.add(
        'E_ENTRY_MISSING',
        this.#fold.size,
        `tree.ndjson ends at position ${this.#fold.size}, and the tree has ${this.#manifest.size}.`,
      )
    }
    for (const place of this.#gone) {
      const [index, name] = place.split('/') as [string, string]
      this.#findings.add(
        'E_PART_REMOVED',
        Number(index),
        `Part "${name}" is said to be erased, and no erasure or redaction in the bundle names it.`,
      )
    }
    this.#thinning.check(this.#findings)
    if (this.#erased > 0) {
      this.#findings.add(
        'W_ERASED',
        undefined,
        `${this.#erased} parts were erased, all but those found above named by entries in the bundle.`,
      )
    }
    if (this.#undisclosed > 0)
      this.#findings.add(
        'W_NOT_DISCLOSED',
        undefined,
        `${this.#undisclosed} parts of the events are not disclosed.`,
      )
    return { erased: this.#erased, authorities: this.#authorities, thinned: this.#thinning.count }
  }

  /** Positions of the tree that are done. */
  get position(): number {
    return this.#fold.size
  }

  /** Positions of `log.gap` entries within the range. */
  get gaps(): readonly number[] {
    return this.#gaps
  }

  get counters(): SourceCounters {
    return this.#counters
  }

  #entry(line: EntryLine): DisclosedEvent | undefined {
    const { index, event } = line
    const entry = this.#readEntry(line)
    if (entry === undefined) {
      if (event) this.events++
      return undefined
    }
    this.entries++
    const [from, to] = this.#manifest.range
    const within = index >= from && index < to
    if (within && !this.#counters.add(entry.source[0], entry.source[1], index))
      this.#findings.add('E_DUP_ID', index, `Source ${entry.source[0]} used this counter before.`)
    if (this.#last !== undefined)
      checkNeighbours(this.#findings, this.#last.id, this.#last.time, {
        index,
        id: entry.id,
        time: entry.recordedAt,
      })
    this.#last = { id: entry.id, time: entry.recordedAt }
    const held = checkDisclosedParts(sha256Bytes, entry, index, line.parts, this.#findings)
    const parts = this.#withErased(line, entry, held)
    this.#explain(index, entry, held)
    if (within && entry.action === 'log.gap') this.#gaps.push(index)
    if (within || event) this.#meetsQuery(index, entry, event)
    if (!event) return undefined
    this.events++
    this.first ??= entry.recordedAt
    this.last = entry.recordedAt
    if (!within)
      this.#findings.add('E_MANIFEST', index, 'An event lies outside the range that the manifest names.')
    const proved = disclosedEvent(index, entry, parts)
    const given = isObject(line.parts) ? line.parts : {}
    this.#undisclosed += (proved.undisclosed ?? []).filter(name => !Object.hasOwn(given, name)).length
    return proved
  }

  #readEntry({ index, entry, leaf }: EntryLine): Entry | undefined {
    let read: Entry
    let text: string
    try {
      text = canonicalize(entry)
      read = parseEntry(Buffer.from(text))
      if (read.recordedAt > LATEST) throw new EntryError('E_ENTRY_FORMAT', '"t" is no time')
    } catch (error) {
      if (!(error instanceof EntryError)) throw error
      this.#findings.add(error.code, index, `The entry is not one: ${error.message}.`)
      return undefined
    }
    if (sha256(Buffer.from(`\0${text}`, 'latin1')) !== leaf)
      this.#findings.add('E_ROOT', index, 'The entry is not the one that its leaf hash stands for.')
    return read
  }

  #withErased({ index, erased }: EntryLine, entry: Entry, held: readonly StoredPart[]): StoredPart[] {
    const parts = [...held]
    for (const name of new Set(erased)) {
      if (!Object.hasOwn(entry.commitments, name) || held.some(part => part.name === name)) {
        this.#findings.add(
          'E_PROOF_FORMAT',
          index,
          'A part is said to be erased that is there, or never was.',
        )
        continue
      }
      this.#erased++
      this.#gone.add(`${index}/${name}`)
      parts.push({ name, json: null })
    }
    return parts.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Takes what an entry of the log says about what is gone. */
  #explain(index: number, { action }: Entry, parts: readonly StoredPart[]): void {
    const what = parts.find(part => part.name === 'what')?.json
    if (what === undefined || what === null) return
    const content: unknown = JSON.parse(what)
    const data = isObject(content) ? content['data'] : undefined
    if (action === 'log.erasure' || action === 'log.redaction') {
      const places = authorisedParts(index, data).map(([at, name]) => `${at}/${name}`)
      // Every one of them, not the first that fits.
      if (places.filter(place => this.#gone.delete(place)).length > 0) this.#authorities++
    } else if (action === 'log.retention' || action === 'log.archive') {
      this.#thinning.permit(action, data)
    }
  }

  /** Where headers decide the query, they must agree with what is an event and what is not. */
  #meetsQuery(index: number, entry: Entry, event: boolean): void {
    if (this.#meets === undefined) return
    const meets = this.#meets(readEvent(index, entry, []))
    if (event && !meets)
      this.#findings.add('E_MANIFEST', index, 'This event does not match the query that the manifest names.')
    else if (!event && meets && this.#manifest.complete)
      this.#findings.add(
        'E_EVENT_OMITTED',
        index,
        'This entry matches the query and is not among the events.',
      )
  }

  /** A line must begin where the one before ended. */
  #join(line: TreeLine): void {
    if (this.#broken) return
    const { index } = line
    const expected = this.#fold.size
    if (index !== expected) {
      const what =
        index > expected
          ? `Entries ${expected} to ${index - 1} are missing before line ${this.#line} of tree.ndjson.`
          : `Line ${this.#line} of tree.ndjson repeats position ${index}, or is out of its place.`
      this.#break(index > expected ? 'E_ENTRY_MISSING' : 'E_ROOT', expected, what)
      return
    }
    const height = line.kind === 'hash' ? line.height : 0
    if (index + 2 ** height > this.#manifest.size) {
      this.#break('E_ROOT', index, `Line ${this.#line} of tree.ndjson goes beyond the tree.`)
      return
    }
    this.#fold.push(height, line.kind === 'hash' ? line.hash : line.leaf)
  }

  #break(code: string, index: number | undefined, message: string): void {
    this.#broken = true
    this.#findings.add(code, index, message)
  }
}
