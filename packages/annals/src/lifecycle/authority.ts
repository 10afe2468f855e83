import type { PartPlace } from '../log/log-store.ts'
import { isObject } from '../log/parts.ts'
import type { AuditEvent } from '../model/index.ts'
import { type RetentionAuthority, readRetentionAuthority } from './retention-authority.ts'

/** What a `log.erasure` or `log.redaction` entry orders, `spec/log-v1.md` section 17. */
export interface ErasureAuthority {
  readonly parts: readonly PartPlace[]
  /** Ids of the subject keys that are destroyed, 16 bytes in latin1. */
  readonly keys: readonly string[]
}

/** An entry of the log that orders deletion. */
export type Authority =
  | { readonly kind: 'erasure'; readonly erasure: ErasureAuthority }
  | { readonly kind: 'retention'; readonly retention: RetentionAuthority }

/** The query for everything that {@link readAuthority} reads. */
export const AUTHORITY_QUERY = 'action:log.erasure OR action:log.redaction OR action:log.retention'

/** What an event of the log orders, as far as it can be read; nothing at or after its own position can be meant. */
export function readAuthority({ action, index, data }: AuditEvent): Authority | undefined {
  switch (action) {
    case 'log.erasure':
    case 'log.redaction':
      if (!isObject(data)) return undefined
      return {
        kind: 'erasure',
        erasure: { parts: partsOf(data['parts'], index), keys: keysOf(data['keys']) },
      }
    case 'log.retention': {
      const retention = readRetentionAuthority(data)
      return retention === undefined ? undefined : { kind: 'retention', retention: { ...retention, index } }
    }
    default:
      return undefined
  }
}

function partsOf(parts: unknown, before: number): PartPlace[] {
  if (!Array.isArray(parts)) return []
  return parts.filter(
    (part): part is [number, string] =>
      Array.isArray(part) &&
      Number.isSafeInteger(part[0]) &&
      part[0] >= 0 &&
      part[0] < before &&
      typeof part[1] === 'string',
  )
}

function keysOf(keys: unknown): string[] {
  if (!Array.isArray(keys)) return []
  return keys
    .filter((key): key is string => typeof key === 'string' && /^[0-9a-f]{32}$/.test(key))
    .map(key => Buffer.from(key, 'hex').toString('latin1'))
}
