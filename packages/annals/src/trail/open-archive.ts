import type { Archive, ArchiveSpec } from '../lifecycle/archive/archive.ts'

/**
 * Opens an archive by what a request says of it. Only the driver that is asked for is loaded.
 *
 * @throws AnnalsError ANNALS_UNSUPPORTED, ANNALS_NOT_FOUND, ANNALS_STORE
 * @example
 * ```ts
 * const archive = await openArchive({ kind: 'directory', dir: '/var/archive' })
 * ```
 */
export async function openArchive(spec: ArchiveSpec): Promise<Archive> {
  if (spec.kind === 'directory') {
    const { openDirectoryArchive } = await import('../archives/directory.ts')
    return openDirectoryArchive(spec)
  }
  const { openS3Archive } = await import('../archives/s3.ts')
  return await openS3Archive(spec)
}
