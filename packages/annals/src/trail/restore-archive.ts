import type { Archive, ArchiveSpec } from '../lifecycle/archive/archive.ts'
import { type ArchiveManifest, MAX_MANIFEST_BYTES, parseArchiveManifest } from '../log/archive-manifest.ts'
import {
  type ArchiveName,
  archivePath,
  archivePrefix,
  ENTRIES_OBJECT,
  MANIFEST_OBJECT,
} from '../log/archive-path.ts'
import { AnnalsError } from '../model/index.ts'
import { archivedChunks } from '../verify/archive/verify-archive.ts'
import { openArchive } from './open-archive.ts'

/** A chunk as an archive holds it. */
export interface ArchivedChunkListing {
  readonly period: string
  /** First position, and the position after the last. */
  readonly lo: number
  readonly hi: number
  readonly origin: string
  /** With the prefix. */
  readonly path: string
  readonly objects: number
  readonly bytes: number
  /** Until when its entries are locked, ISO 8601; undefined when they are not. */
  readonly lockedUntil: string | undefined
}

/** Which archive is meant. */
export interface ArchivePlace {
  readonly archive: ArchiveSpec
  /** In front of all names. @defaultValue none */
  readonly prefix?: string | undefined
}

/**
 * Lists the chunks of an archive by position, as their manifests have them. Nothing is verified.
 *
 * @throws AnnalsError ANNALS_CORRUPT for a manifest that is none, and what opening the archive throws
 * @example
 * ```ts
 * for (const { period, path } of await listArchive({ archive: { kind: 'directory', dir } })) console.log(period, path)
 * ```
 */
export async function listArchive(place: ArchivePlace): Promise<readonly ArchivedChunkListing[]> {
  return await withArchive(place, async (archive, prefix) => {
    const listed: ArchivedChunkListing[] = []
    for (const chunk of await archivedChunks(archive, prefix)) {
      const path = prefix + archivePath(chunk)
      const { bytes, manifest } = await manifestAt(archive, path)
      const objects = Object.values(manifest.objects)
      const until = (await archive.head(`${path}/${ENTRIES_OBJECT}`))?.retainUntil
      listed.push({
        period: chunk.period,
        lo: chunk.lo,
        hi: chunk.hi,
        origin: manifest.origin,
        path,
        objects: objects.length + 1,
        bytes: objects.reduce((sum, object) => sum + object.bytes, bytes),
        lockedUntil: until === undefined ? undefined : new Date(until).toISOString(),
      })
    }
    return listed
  })
}

/** Options of {@link restoreArchive}. */
export interface RestoreArchiveOptions extends ArchivePlace {
  /** Directory to make. */
  readonly out: string
  /** Directory of the log, whose keys open the archive. Nothing of them is copied. */
  readonly keys: string
  /** First position of the only chunk to restore. @defaultValue all */
  readonly only?: number | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What {@link restoreArchive} made. */
export interface RestoredArchive {
  readonly chunks: number
  readonly entries: number
  /** Parts that were erased, or whose keys are gone: nobody can read them any more. */
  readonly lost: number
  /** Entries of which retention left the leaf hash only. */
  readonly thinned: number
}

/**
 * Restores archived chunks into a new directory that can be searched and verified, and that no writer opens. What was erased,
 * before the archiving or since, stays erased.
 *
 * @throws AnnalsError ANNALS_CONFLICT, ANNALS_CORRUPT, ANNALS_KEYS, ANNALS_NOT_FOUND, and what opening the archive throws
 * @example
 * ```ts
 * await restoreArchive({ archive: { kind: 'directory', dir }, keys: './annals-data', out: './restored' })
 * ```
 */
export async function restoreArchive(options: RestoreArchiveOptions): Promise<RestoredArchive> {
  return await withArchive(options, async (archive, prefix) => {
    const places = chosen(await archivedChunks(archive, prefix), options.only)
    const chunks = []
    for (const place of places) {
      const path = prefix + archivePath(place)
      const { manifest } = await manifestAt(archive, path)
      chunks.push({ manifest, open: (object: string) => archive.get(`${path}/${object}`) })
    }
    const { openArchiveSecrets } = await import('../stores/embedded/archive/open-secrets.ts')
    const { restoreChunks } = await import('../stores/embedded/archive/restore.ts')
    const secrets = await openArchiveSecrets(options.keys)
    try {
      const { out, keys, onProgress = () => {} } = options
      const restored = await restoreChunks({
        out,
        keys,
        secrets,
        chunks,
        source: archive.describe(),
        onProgress,
      })
      return { chunks: chunks.length, ...restored }
    } finally {
      secrets.close()
    }
  })
}

/** The chunks to restore: all, which must follow each other, or the one that begins at a position. */
function chosen(places: readonly ArchiveName[], only: number | undefined): readonly ArchiveName[] {
  const wanted = only === undefined ? places : places.filter(({ lo }) => lo === only)
  if (wanted.length === 0) {
    throw new AnnalsError(
      'ANNALS_NOT_FOUND',
      only === undefined ? 'The archive holds no chunk.' : `No archived chunk begins at position ${only}.`,
      {
        hint: 'Look with "annals archive list".',
      },
    )
  }
  const hole = wanted.findIndex(({ lo }, i) => i > 0 && wanted[i - 1]?.hi !== lo)
  if (hole > 0) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `The archive lacks the positions before ${wanted[hole]?.lo}.`, {
      hint: 'Restore single chunks.',
    })
  }
  return wanted
}

async function manifestAt(
  archive: Archive,
  path: string,
): Promise<{ readonly bytes: number; readonly manifest: ArchiveManifest }> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of archive.get(`${path}/${MANIFEST_OBJECT}`)) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > MAX_MANIFEST_BYTES) break
  }
  try {
    return { bytes, manifest: parseArchiveManifest(Buffer.concat(pieces)) }
  } catch (cause) {
    throw new AnnalsError(
      'ANNALS_CORRUPT',
      `${path}/${MANIFEST_OBJECT} cannot be believed: ${(cause as Error).message}.`,
      {
        cause,
        hint: 'Run "annals archive verify".',
      },
    )
  }
}

async function withArchive<T>(
  { archive: spec, prefix }: ArchivePlace,
  work: (archive: Archive, prefix: string) => Promise<T>,
): Promise<T> {
  // Who only reads need not know how the bucket locks.
  const archive = await openArchive(spec.kind === 's3' ? { ...spec, lock: 'none' } : spec)
  try {
    return await work(archive, archivePrefix(prefix))
  } finally {
    await archive.close()
  }
}
