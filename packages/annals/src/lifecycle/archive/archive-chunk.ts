import { canonicalize } from '@annals/tlog'
import {
  type ArchiveManifest,
  formatArchiveManifest,
  MAX_MANIFEST_BYTES,
  parseArchiveManifest,
} from '../../log/archive-manifest.ts'
import { type ArchivePath, archivePath, MANIFEST_OBJECT } from '../../log/archive-path.ts'
import { sha256Base64Url } from '../../log/digest.ts'
import type { SealManifest, StagedChunk } from '../../log/log-store.ts'
import { AnnalsError } from '../../model/index.ts'
import type { Archive, ArchiveContent } from './archive.ts'
import type { Locks } from './archive-locks.ts'
import { hashObject, readWhole } from './hashed-read.ts'

/** A chunk that is in an archive, read back and found right. */
export interface ArchivedChunk {
  /** With the prefix. */
  readonly path: string
  /** SHA-256 (base64url) of its manifest. */
  readonly manifest: string
  /** Objects, the manifest among them, and their bytes. */
  readonly objects: number
  readonly bytes: number
}

/** Attempts that may have left objects in the way. */
const MOST_ATTEMPTS = 1_000

/**
 * Puts a staged chunk into an archive: its objects, each read back as a whole; then the manifest, read back too. Objects that an
 * interrupted run has put are taken when they are the same; where they are not, the next attempt has a path of its own.
 *
 * @throws AnnalsError what the archive throws; ANNALS_CORRUPT when it gives back other bytes than it was given
 */
export async function archiveChunk(
  archive: Archive,
  prefix: string,
  seal: SealManifest,
  staged: StagedChunk,
  locks: Locks,
): Promise<ArchivedChunk> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const path = prefix + archivePath(placeOf(seal, attempt))
    const there = new Set<string>()
    for await (const { name } of archive.list(`${path}/`)) there.add(name.slice(path.length + 1))
    const taken = await finished(archive, path, there, seal, staged)
    if (taken !== undefined) return taken
    if (there.has(MANIFEST_OBJECT) || !(await same(archive, path, there, staged))) continue
    return await put(archive, path, there, manifestOf(seal, staged, locks), staged, locks)
  }
  throw new AnnalsError(
    'ANNALS_CONFLICT',
    `Objects stand in the way of the chunk at position ${seal.lo} everywhere.`,
    {
      hint: 'Archive with another prefix.',
    },
  )
}

/** The place of a chunk: a second chunk of one period has it in its own name, too. */
function placeOf({ period, lo, hi }: SealManifest, attempt: number): ArchivePath {
  return { period: period.split('.')[0] as string, lo, hi, attempt }
}

function manifestOf(seal: SealManifest, staged: StagedChunk, locks: Locks): ArchiveManifest {
  const objects: [string, ArchiveManifest['objects'][string]][] = staged.objects.map(
    ({ name, bytes, sha256 }) => [name, { bytes, sha256, retain: isoOf(locks.get(name)) }],
  )
  return { ...seal, objects: Object.fromEntries(objects), dictionary: staged.dictionary }
}

/** An archived copy that a run finished and did not live to state. */
async function finished(
  archive: Archive,
  path: string,
  there: ReadonlySet<string>,
  seal: SealManifest,
  staged: StagedChunk,
): Promise<ArchivedChunk | undefined> {
  if (!there.has(MANIFEST_OBJECT)) return undefined
  const bytes = await readWhole(archive, `${path}/${MANIFEST_OBJECT}`, MAX_MANIFEST_BYTES)
  if (bytes === undefined) return undefined
  let manifest: ArchiveManifest
  try {
    manifest = parseArchiveManifest(bytes)
  } catch {
    return undefined
  }
  const { objects, dictionary, ...sealed } = manifest
  const listed = Object.keys(objects)
  const isOurs =
    canonicalize(sealed) === canonicalize(seal) &&
    dictionary === staged.dictionary &&
    listed.length === staged.objects.length &&
    staged.objects.every(({ name, sha256 }) => objects[name]?.sha256 === sha256)
  if (!isOurs || !(await same(archive, path, new Set(listed), staged))) return undefined
  return factsOf(path, bytes, staged)
}

/** Whether those objects that are there are the staged ones, byte for byte. */
async function same(
  archive: Archive,
  path: string,
  there: ReadonlySet<string>,
  { objects }: StagedChunk,
): Promise<boolean> {
  for (const { name, bytes, sha256 } of objects) {
    if (!there.has(name)) continue
    const found = await hashObject(archive, `${path}/${name}`)
    if (found?.bytes !== bytes || found.sha256 !== sha256) return false
  }
  return true
}

async function put(
  archive: Archive,
  path: string,
  there: ReadonlySet<string>,
  manifest: ArchiveManifest,
  staged: StagedChunk,
  locks: Locks,
): Promise<ArchivedChunk> {
  for (const object of staged.objects) {
    if (there.has(object.name)) continue
    const { bytes, sha256 } = object
    const content = { bytes, sha256, retainUntil: locks.get(object.name), open: () => object.open() }
    await putAndReadBack(archive, `${path}/${object.name}`, content)
  }
  const bytes = formatArchiveManifest(manifest)
  await putAndReadBack(archive, `${path}/${MANIFEST_OBJECT}`, {
    bytes: bytes.length,
    sha256: sha256Base64Url(bytes),
    retainUntil: locks.get(MANIFEST_OBJECT),
    open: async function* () {
      yield bytes
    },
  })
  return factsOf(path, bytes, staged)
}

async function putAndReadBack(archive: Archive, name: string, content: ArchiveContent): Promise<void> {
  await archive.put(name, content)
  const found = await hashObject(archive, name)
  if (found?.bytes === content.bytes && found.sha256 === content.sha256) return
  throw new AnnalsError(
    'ANNALS_CORRUPT',
    `The archive ${archive.describe()} gives back other bytes of ${name} than it was given.`,
    {
      hint: 'Nothing was removed from the log. Look into the archive, and run it again.',
    },
  )
}

function factsOf(path: string, manifest: Uint8Array, { objects }: StagedChunk): ArchivedChunk {
  return {
    path,
    manifest: sha256Base64Url(manifest),
    objects: objects.length + 1,
    bytes: objects.reduce((sum, { bytes }) => sum + bytes, manifest.length),
  }
}

function isoOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
