import type { Importer } from './importer.ts'

/** An importer that is loaded when it is needed. */
export interface ImporterEntry {
  /** Name on the command line; that of the importer. */
  readonly name: string
  readonly load: () => Promise<Importer>
}

/** Every importer of this package. A new one is a file and a line here. */
export const IMPORTERS: readonly ImporterEntry[] = [
  { name: 'cloudtrail', load: async () => (await import('./cloudtrail.ts')).cloudtrail },
  { name: 'github', load: async () => (await import('./github.ts')).github },
  { name: 'kubernetes', load: async () => (await import('./kubernetes.ts')).kubernetes },
  { name: 'ndjson', load: async () => (await import('./ndjson.ts')).ndjson },
  { name: 'okta', load: async () => (await import('./okta.ts')).okta },
]

/**
 * The importer of that name.
 *
 * @throws TypeError when there is none; the message lists those there are
 * @example
 * ```ts
 * const importer = await loadImporter('cloudtrail')
 * ```
 */
export async function loadImporter(name: string): Promise<Importer> {
  const entry = IMPORTERS.find(importer => importer.name === name)
  if (entry === undefined)
    throw new TypeError(`no importer "${name}"; known: ${IMPORTERS.map(one => one.name).join(', ')}`)
  return await entry.load()
}

export {
  type ImportCounts,
  type ImportOptions,
  type ImportTarget,
  importRecords,
  type Rejected,
} from './import-records.ts'
export { type Importer, ImportReject } from './importer.ts'
export { type ReadRecord, type ReadRecordsOptions, readRecords } from './read-records.ts'
export { type Exact, parseExact } from './reading/exact-json.ts'
