import type { ArchiveSpec } from '../lifecycle/archive/archive.ts'
import type { LaterEntry } from '../verify/archive/archive-source.ts'
import type { VerifyArchiveOptions as Options, VerifyArchiveReport } from '../verify/archive/report.ts'
import { openArchive } from './open-archive.ts'
import { openReader } from './open-reader.ts'

/** Options of {@link verifyArchive}. One of `policyText` and `vkey` is needed. */
export interface VerifyArchiveOptions extends Omit<Options, 'secrets' | 'later'> {
  readonly archive: ArchiveSpec
  /** Directory of the log, whose keys open the parts and whose later entries say what was erased since. @defaultValue none */
  readonly keys?: string | undefined
}

/**
 * Verifies an archive offline, with nothing but whom to trust; with the keys of the log its content, too.
 *
 * @throws TypeError without a policy or key, or for one that cannot be read
 * @throws AnnalsError ANNALS_NOT_FOUND when nothing is archived there, ANNALS_KEYS, and what opening the archive throws
 * @example
 * ```ts
 * const { ok, claim } = await verifyArchive({ archive: { kind: 'directory', dir: '/var/archive' }, policyText })
 * ```
 */
export async function verifyArchive(options: VerifyArchiveOptions): Promise<VerifyArchiveReport> {
  const { archive: spec, keys, ...rest } = options
  const check = await import('../verify/archive/verify-archive.ts')
  const archive = await openArchive(spec.kind === 's3' ? { ...spec, lock: 'none' } : spec)
  try {
    if (keys === undefined) return await check.verifyArchive(archive, rest)
    const { openArchiveSecrets } = await import('../stores/embedded/archive/open-secrets.ts')
    const secrets = await openArchiveSecrets(keys)
    try {
      return await check.verifyArchive(archive, { ...rest, secrets, later: ownEntriesOf(keys) })
    } finally {
      secrets.close()
    }
  } finally {
    await archive.close()
  }
}

const SPEAKING = ['erasure', 'redaction', 'retention', 'archive', 'seal'].map(name => `action:log.${name}`)

/** What the log itself says of seals, archives and removals. */
async function* ownEntriesOf(dir: string): AsyncGenerator<LaterEntry, void, undefined> {
  await using reader = await openReader({ dir })
  for await (const { action, index, recordedAt, data } of reader.events(SPEAKING.join(' OR '), {
    includeLog: true,
  }))
    yield { action, index, time: Date.parse(recordedAt), what: JSON.stringify({ data }) }
}
