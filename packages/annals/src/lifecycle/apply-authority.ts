import type { ActContext } from './act.ts'
import { applyErasure, type Deletable } from './apply-erasure.ts'
import type { Authority } from './authority.ts'
import { applyRetention } from './retention-apply.ts'
import type { RetentionAuthority } from './retention-authority.ts'

/**
 * Carries out what entries of the log order, wherever it was left: again, it does nothing. The entries must be durable and
 * under a signed checkpoint.
 */
export async function applyAuthorities(
  on: Deletable & Pick<ActContext, 'store'>,
  authorities: readonly Authority[],
): Promise<void> {
  const byChunk = new Map<number, RetentionAuthority[]>()
  for (const authority of authorities) {
    if (authority.kind === 'erasure') await applyErasure(on, authority.erasure)
    else {
      const { retention } = authority
      byChunk.set(retention.chunk, [...(byChunk.get(retention.chunk) ?? []), retention])
    }
  }
  for (const [lo, retentions] of byChunk) await applyRetention(on, lo, retentions)
}
