import type { ChunkFacts } from '../../../verify/expiry.ts'
import type { Findings } from '../../../verify/findings.ts'
import type { KeyNamed } from '../../../verify/own-entry.ts'

/**
 * Follows the keys of a log that is verified with what its directory says: each line of `vkey` must be named by `log.open`, or by a
 * `log.key` that replaces one named before.
 */
export function checkKeyChain(
  vkeys: string | undefined,
  named: readonly KeyNamed[],
  chunks: readonly ChunkFacts[],
  findings: Findings,
): void {
  // Who began the log cannot be read any more, or can be by the archive only.
  if (vkeys === undefined || named[0]?.index !== 0 || chunks[0]?.dropped !== 0) return
  const known = new Set<string>()
  for (const { vkey, replaces } of named) if (replaces === undefined || known.has(replaces)) known.add(vkey)
  for (const line of vkeys.split(/\s*\n\s*/))
    if (!known.has(line))
      findings.add(
        'E_SIG_NONE',
        undefined,
        `The directory's verifier key ${line} is named neither by log.open nor by a log.key that follows from it.`,
      )
}
