import { type ArchiveName, archivePrefix, MANIFEST_OBJECT, parseArchiveName } from '../../log/archive-path.ts'
import { AnnalsError } from '../../model/index.ts'
import { parsePolicy, type TrustPolicy, trustKey } from '../policy.ts'
import { ArchiveCheck } from './archive-check.ts'
import type { ArchiveSource } from './archive-source.ts'
import type { VerifyArchiveOptions, VerifyArchiveReport } from './report.ts'

/**
 * Verifies an archive with nothing but whom to trust: each chunk leads from the signed checkpoint before it to the signed one after it,
 * entry by entry, and every object is what its manifest says. Memory is constant, whatever the size.
 *
 * @throws TypeError without a policy or key, or for one that cannot be read
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no archived chunk
 */
export async function verifyArchive(
  source: ArchiveSource,
  options: VerifyArchiveOptions,
): Promise<VerifyArchiveReport> {
  const policy = policyOf(options)
  const prefix = archivePrefix(options.prefix)
  const places = await archivedChunks(source, prefix)
  if (places.length === 0)
    throw new AnnalsError(
      'ANNALS_NOT_FOUND',
      `${source.describe()} holds no archived chunk${prefix === '' ? '' : ` under ${prefix}`}.`,
      {
        hint: 'Give the place and the prefix that "annals archive run" was given.',
      },
    )
  const check = new ArchiveCheck(source, prefix, policy, options, places)
  return await check.run()
}

/** The chunks that an archive has whole, by position: of attempts at one chunk the last that got its manifest. */
export async function archivedChunks(source: ArchiveSource, prefix: string): Promise<ArchiveName[]> {
  const found = new Map<string, ArchiveName>()
  for await (const { name } of source.list(prefix)) {
    const place = name.startsWith(prefix) ? parseArchiveName(name.slice(prefix.length)) : undefined
    if (place?.object !== MANIFEST_OBJECT) continue
    const key = `${place.lo}-${place.hi}`
    if ((found.get(key)?.attempt ?? 0) < place.attempt) found.set(key, place)
  }
  return [...found.values()].sort((a, b) => a.lo - b.lo || a.hi - b.hi)
}

function policyOf({ policyText, vkey }: VerifyArchiveOptions): TrustPolicy {
  try {
    if (policyText !== undefined) return parsePolicy(policyText)
    if (vkey !== undefined) return trustKey(vkey)
  } catch (cause) {
    throw new TypeError(`the policy or key cannot be read: ${(cause as Error).message}`, { cause })
  }
  throw new TypeError('an archive is verified with a policy or a key that is kept elsewhere')
}
