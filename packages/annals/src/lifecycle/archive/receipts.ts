import { type ArchiveManifest, MAX_MANIFEST_BYTES, parseArchiveManifest } from '../../log/archive-manifest.ts'
import { MANIFEST_OBJECT, parseArchiveName } from '../../log/archive-path.ts'
import { sha256Base64Url } from '../../log/digest.ts'
import { isObject } from '../../log/parts.ts'
import { AnnalsError } from '../../model/index.ts'
import type { SearchIndex } from '../../query/search-index.ts'
import { ownEntries } from '../own-entries.ts'
import type { Archive } from './archive.ts'
import { hashObject, readWhole } from './hashed-read.ts'

/** What a `log.archive` entry says. */
export interface ArchiveReceipt {
  readonly lo: number
  readonly hi: number
  readonly period: string
  /** Where, as the archive describes itself. */
  readonly archive: string
  readonly path: string
  /** SHA-256 (base64url) of the manifest. */
  readonly manifest: string
  /** When it was recorded, ms since the epoch. */
  readonly at: number
}

/** The chunks that the log says are in an archive under a prefix, by first position; the latest statement counts. */
export async function receiptsFor(
  search: SearchIndex,
  archive: string,
  prefix: string,
): Promise<ReadonlyMap<number, ArchiveReceipt>> {
  const receipts = new Map<number, ArchiveReceipt>()
  for await (const { data, recordedAt } of ownEntries(search, 'log.archive')) {
    const receipt = readReceipt(data, Date.parse(recordedAt))
    if (receipt?.archive !== archive || !receipt.path.startsWith(prefix)) continue
    const place = parseArchiveName(`${receipt.path.slice(prefix.length)}/${MANIFEST_OBJECT}`)
    if (place?.lo === receipt.lo) receipts.set(receipt.lo, receipt)
  }
  return receipts
}

function readReceipt(data: unknown, at: number): ArchiveReceipt | undefined {
  if (!isObject(data)) return undefined
  const { lo, hi, period, archive, path, manifest } = data
  const sound =
    typeof lo === 'number' &&
    typeof hi === 'number' &&
    [period, archive, path, manifest].every(text => typeof text === 'string')
  return sound ? { ...(data as unknown as Omit<ArchiveReceipt, 'at'>), at } : undefined
}

/** The manifest that a receipt names. @throws AnnalsError ANNALS_CORRUPT when the archive has it no longer, or another */
export async function manifestOf(
  archive: Archive,
  { path, manifest }: ArchiveReceipt,
): Promise<ArchiveManifest> {
  const bytes = await readWhole(archive, `${path}/${MANIFEST_OBJECT}`, MAX_MANIFEST_BYTES)
  if (bytes === undefined || sha256Base64Url(bytes) !== manifest)
    throw damaged(archive, path, MANIFEST_OBJECT)
  return parseArchiveManifest(bytes)
}

/** Reads everything of an archived chunk back. @throws AnnalsError ANNALS_CORRUPT when it is not what was archived */
export async function readBack(archive: Archive, receipt: ArchiveReceipt): Promise<void> {
  const { objects } = await manifestOf(archive, receipt)
  for (const [name, { bytes, sha256 }] of Object.entries(objects)) {
    const found = await hashObject(archive, `${receipt.path}/${name}`)
    if (found?.bytes !== bytes || found.sha256 !== sha256) throw damaged(archive, receipt.path, name)
  }
}

function damaged(archive: Archive, path: string, object: string): AnnalsError {
  return new AnnalsError(
    'ANNALS_CORRUPT',
    `${path}/${object} in ${archive.describe()} is missing or is not what the log says was archived.`,
    { hint: 'Nothing was removed from the log. Archive the chunk elsewhere, and look into the archive.' },
  )
}
