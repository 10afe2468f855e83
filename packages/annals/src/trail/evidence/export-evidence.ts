import { createHash } from 'node:crypto'
import { canonicalize, parseCheckpoint, parseNote } from '@annals/tlog'
import { readEntry } from '../../log/entry.ts'
import { isoTime } from '../../log/read-event.ts'
import type { ReadableStore } from '../../log/readable-store.ts'
import { AnnalsError } from '../../model/index.ts'
import { parseQuery, resolvedBounds, resolveQuery, type Search } from '../../query/index.ts'
import {
  CHECKPOINT,
  EVENTS,
  type EvidenceManifest,
  type Gaps,
  MANIFEST,
  MANIFEST_DIGEST,
  POLICY,
  TREE,
} from '../../verify/evidence/manifest.ts'
import { missingCounters } from '../../verify/evidence/missing-counters.ts'
import { SourceCounters } from '../../verify/source-ranges.ts'
import type { Disclose } from '../disclose.ts'
import { AUTHORITY_QUERY, Authorities } from './authorities.ts'
import { type BundleFile, bundleFile, makeBundleDirectory, wholeFile } from './bundle-files.ts'
import { BundleWriter, type Written } from './bundle-writer.ts'
import { DuePositions, matchesOf, wantedPositions } from './positions.ts'
import { readWanted } from './read-wanted.ts'

/** Options of {@link exportEvidence}. */
export interface ExportEvidenceOptions {
  /** Directory of the log. */
  readonly dir: string
  /** Directory of the bundle: new or empty. */
  readonly out: string
  /** Which events, in the query language. @defaultValue all but the log's own */
  readonly query?: string | undefined
  /** Parts of the events whose content goes with them, each whole. @defaultValue `all` */
  readonly disclose?: Disclose | undefined
  /** Also the header of every other entry of the range, so that nobody need believe that none was left out. @defaultValue false */
  readonly complete?: boolean | undefined
  /** Also the log's own events. @defaultValue false */
  readonly includeLog?: boolean | undefined
  /** Zone of times that name none. @defaultValue `UTC` */
  readonly timeZone?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Told how many of the positions of the range are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What {@link exportEvidence} has written. */
export interface ExportedEvidence {
  readonly count: number
  readonly size: number
  readonly range: readonly [from: number, to: number]
  readonly gaps: Gaps
}

/**
 * Writes a bundle that proves events to somebody who has nothing but a key: `spec/evidence-v1.md`. It may run beside a writer;
 * the bundle is of the latest signed checkpoint. Memory does not grow with the number of events.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND without log or checkpoint, ANNALS_CONFLICT when `out` is not empty, ANNALS_QUERY,
 *   ANNALS_KEYS when parts are to be disclosed and the keys are not there, ANNALS_CORRUPT when the log does not verify
 * @example
 * ```ts
 * await exportEvidence({ dir: './annals-data', out: './q3', query: 'outcome:denied recorded:2026-07..2026-09' })
 * ```
 */
export async function exportEvidence(options: ExportEvidenceOptions): Promise<ExportedEvidence> {
  const { openEmbeddedReader } = await import('../../stores/embedded/index.ts')
  const store = await openEmbeddedReader({ dir: options.dir })
  try {
    return await exportFrom(store, options)
  } finally {
    await store.close()
  }
}

async function exportFrom(store: ReadableStore, options: ExportEvidenceOptions): Promise<ExportedEvidence> {
  const {
    out,
    query = '',
    disclose = 'all',
    complete = false,
    includeLog = false,
    timeZone = 'UTC',
  } = options
  const note = await store.checkpoint()
  if (note === undefined) throw new AnnalsError('ANNALS_NOT_FOUND', 'The log has no signed checkpoint yet.')
  const { size, root } = parseCheckpoint(parseNote(note).text)
  const now = Date.now()
  const search: Search = { query, now, timeZone, includeLog, from: 0, to: size }
  const [from, to] = await rangeOf(store, search)
  await makeBundleDirectory(out)
  const files = {
    [CHECKPOINT]: await wholeFile(out, CHECKPOINT, Buffer.from(note).toString('utf8')),
    [POLICY]: await wholeFile(out, POLICY, suggestedPolicy(store.vkey)),
  }
  const opened: BundleFile[] = []
  try {
    for (const name of [EVENTS, TREE]) opened.push(await bundleFile(out, name))
    const [events, tree] = opened as [BundleFile, BundleFile]
    const total = 2 * (to - from)
    const counters = await countersOf(store, [from, to], options, done => options.onProgress?.(done, total))
    const writer = new BundleWriter({ store, size, events, tree, disclose })
    const written = await writeBundle(store, writer, { ...search, from, to }, complete, options, index =>
      options.onProgress?.(to - from + Math.min(Math.max(index - from, 0), to - from), total),
    )
    if (!written.root.equals(root)) {
      throw new AnnalsError('ANNALS_CORRUPT', 'The entries of the log do not lead to its signed root.', {
        hint: 'Run "annals verify", and keep the directory as it is.',
      })
    }
    const gaps: Gaps = { recorded: written.gaps, counters }
    const manifest: EvidenceManifest = {
      v: 1,
      origin: store.origin,
      made: isoTime(now),
      query,
      timeZone,
      includeLog,
      size,
      range: [from, to],
      complete,
      disclose: disclose === 'all' ? 'all' : [...disclose],
      count: written.count,
      first: written.first === undefined ? null : isoTime(written.first),
      last: written.last === undefined ? null : isoTime(written.last),
      gaps,
      files: { ...files, [EVENTS]: await events.end(), [TREE]: await tree.end() },
    }
    await finish(out, manifest)
    return { count: written.count, size, range: [from, to], gaps }
  } finally {
    for (const file of opened) await file.abandon()
  }
}

/** The positions that matches can lie at. */
async function rangeOf(
  store: ReadableStore,
  { query, now, timeZone, to: size }: Search,
): Promise<[number, number]> {
  const { index, recorded } = resolvedBounds(resolveQuery(parseQuery(query), { now, timeZone }))
  const at = async (time: number, otherwise: number): Promise<number> =>
    Number.isFinite(time) ? await store.search.positionAt(time) : otherwise
  const from = Math.min(Math.max(index[0], await at(recorded[0], 0)), size)
  return [from, Math.max(from, Math.min(index[1], await at(recorded[1], size), size))]
}

async function writeBundle(
  store: ReadableStore,
  writer: BundleWriter,
  search: Search,
  complete: boolean,
  { signal }: ExportEvidenceOptions,
  onPosition: (index: number) => void,
): Promise<Written> {
  const due = new DuePositions()
  const authorities = new Authorities()
  const everything: Search = { ...search, includeLog: true, from: 0, to: writer.size }
  for await (const event of matchesOf(store.search, { ...everything, query: AUTHORITY_QUERY })) {
    authorities.add(event)
    if (complete && event.index >= search.from && Authorities.thins(event)) due.add(event.index)
  }
  const gaps = { ...everything, query: 'action:log.gap', from: search.from, to: search.to }
  for await (const { index } of matchesOf(store.search, gaps)) due.add(index)
  async function* matches(): AsyncGenerator<number, void> {
    for await (const event of matchesOf(store.search, search)) {
      for (const name of event.erased ?? []) {
        const authority = authorities.ofPart(event.index, name)
        if (authority !== undefined) due.add(authority)
      }
      yield event.index
    }
  }
  const wanted = wantedPositions(matches(), complete ? search : undefined, due)
  for await (const record of readWanted(store.read.bind(store), wanted)) {
    signal?.throwIfAborted()
    await writer.write(record, (index, name) => authorities.ofPart(index, name) !== undefined)
    onPosition(record.index)
  }
  return await writer.end()
}

/** Counters that are missing in a range; null when some of its entries are past their retention. */
async function countersOf(
  store: ReadableStore,
  [from, to]: readonly [number, number],
  { signal }: ExportEvidenceOptions,
  onProgress: (done: number) => void,
): Promise<Gaps['counters']> {
  const counters = new SourceCounters()
  for await (const batch of store.read(from, to)) {
    signal?.throwIfAborted()
    for (const { index, record } of batch) {
      if (record.thinned !== undefined) return null
      const { source } = readEntry(record.entry.toString('latin1'))
      counters.add(source[0], source[1], index)
    }
    onProgress((batch.at(-1)?.index ?? from) - from + 1)
  }
  return missingCounters(counters.ranges(), from)
}

/** The manifest comes last: a bundle without one was not finished. */
async function finish(out: string, manifest: EvidenceManifest): Promise<void> {
  const text = canonicalize(manifest)
  const written = await bundleFile(out, MANIFEST)
  await written.line(text)
  await written.end()
  const digest = createHash('sha256').update(`${text}\n`).digest('hex')
  await wholeFile(out, MANIFEST_DIGEST, `${digest}  ${MANIFEST}\n`)
}

function suggestedPolicy(vkey: string): string {
  return [
    '# The key of the log, as whoever made this bundle says. It proves nothing against them:',
    '# compare it with the key that you have from elsewhere, or verify with your own policy.',
    ...vkey.split('\n').map(key => `log ${key}`),
    'quorum none',
    '',
  ].join('\n')
}
