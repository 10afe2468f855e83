import { isOwn, permissionsOf, scopeOf } from './assignment.ts'
import type { ApiKey, KeyScope } from './key-schema.ts'
import type { Permission } from './permission.ts'
import type { Principal } from './principal.ts'
import { type Role, roleNamed } from './roles.ts'

/** What each scope of a key permits. */
export const PERMITS: Readonly<Record<KeyScope, readonly Permission[]>> = {
  record: ['record'],
  read: ['read', 'tail', 'mint'],
  export: ['export'],
  verify: ['verify'],
  operate: ['operate'],
}

/** Keys do not change: what one comes to is found out once. */
const principals = new WeakMap<ApiKey, Principal>()

/** Who asks with a key, and what they may. */
export function principalOfKey(key: ApiKey): Principal {
  const known = principals.get(key)
  if (known !== undefined) return known
  const role = roleNamed(key.role) as Role
  const permitted = new Set(key.scopes.flatMap(scope => PERMITS[scope]))
  const scope = scopeOf(role, key)
  const principal: Principal = {
    actor: { type: 'key', id: key.id, name: key.name },
    role: key.role,
    permissions: new Set(permissionsOf(role, key).filter(permission => permitted.has(permission))),
    scope,
    own: isOwn(scope),
    tenant: key.tenant,
    project: key.project,
    credential: `key:${key.id}`,
    expiresAt: key.expiresAt === undefined ? undefined : Date.parse(key.expiresAt),
  }
  principals.set(key, principal)
  return principal
}
