import { createHash } from 'node:crypto'
import { AnnalsError, type Draft } from 'annals/model'
import type { Principal } from '../access/principal.ts'

/** Makes a draft of what a client sent. @throws AnnalsError */
export type TakeDraft = (value: unknown, key: string | undefined) => Draft

/** Longest idempotency key, bytes: that of a draft's `id`. */
const LONGEST_KEY = 512

/**
 * What a recorder may send. The tenant and the project of the credential are put into drafts that name none, and others are refused.
 * `key` names a draft that brings neither `id` nor `source`. The draft is checked when it is recorded; here it is only prepared, in
 * place: the value must be the caller's own.
 *
 * Keys of a credential with a tenant or a project hold within these: whoever knows or guesses the key of another tenant's event can
 * neither find out about it nor take it away.
 *
 * @throws AnnalsError ANNALS_DENIED with the path
 */
export function takeDraftFor({ tenant, project }: Pick<Principal, 'tenant' | 'project'>): TakeDraft {
  const isBound = tenant !== undefined || project !== undefined
  return (value, key) => {
    // What is no object is refused in the words of the model.
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value as never
    const draft = value as Record<string, unknown>
    if (tenant !== undefined) bind(draft, 'tenant', tenant)
    if (project !== undefined) bind(draft, 'project', project)
    if (key !== undefined && draft['id'] === undefined && draft['source'] === undefined) draft['id'] = key
    if (isBound) {
      const own = ownKey(draft)
      if (own !== undefined) draft['id'] = keyWithin([tenant ?? null, project ?? null, own])
    }
    return draft as unknown as Draft
  }
}

function bind(draft: Record<string, unknown>, field: 'tenant' | 'project', bound: string): void {
  const given = draft[field]
  if (given === undefined) draft[field] = bound
  else if (given !== bound) {
    throw new AnnalsError('ANNALS_DENIED', `/${field}: this credential records for one ${field} only`, {
      path: `/${field}`,
      hint: `Leave ${field} out: it is filled in.`,
    })
  }
}

/** The idempotency key of a draft; undefined when there is none, or it is not one and will be refused. */
function ownKey({ id, source }: Readonly<Record<string, unknown>>): string | undefined {
  if (id !== undefined) return isKey(id) ? id : undefined
  if (typeof source !== 'object' || source === null) return undefined
  const { id: sourceId } = source as { readonly id?: unknown }
  return isKey(sourceId) ? sourceId : undefined
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= LONGEST_KEY
}

function keyWithin(names: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url')
}
