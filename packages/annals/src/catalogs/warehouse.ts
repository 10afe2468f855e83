import { account } from './warehouse/account.ts'
import { accountRoles } from './warehouse/account-roles.ts'
import { organization } from './warehouse/organization.ts'
import { organizationRoles } from './warehouse/organization-roles.ts'
import { project } from './warehouse/project.ts'
import { projectRoles } from './warehouse/project-roles.ts'
import { publishers } from './warehouse/publishers.ts'
import { release } from './warehouse/release.ts'
import { signIn } from './warehouse/sign-in.ts'
import { team } from './warehouse/team.ts'
import { tokens } from './warehouse/tokens.ts'

/**
 * The event types of a package index: all 121 that Warehouse, the software of PyPI, has in `warehouse/events/tags.py`. An action is
 * the tag with dots for colons. `data` holds what a tag has beside these, in camelCase: whoever did it (`submitted_by`, `created_by`,
 * `actor`, …) is the actor; to whom a role is given (`target_user`, `target_team`) is the second target; `redact_ip` is a matter of
 * masking. Personal data is thereby where erasure finds it.
 *
 * @example
 * ```ts
 * import { warehouse } from 'annals/catalogs/warehouse'
 * await using trail = await openTrail({ dir, catalog: catalog(warehouse, ownTypes) })
 * await trail.record('project.release.add', { actor, targets, data: { canonicalVersion: '1.0' } })
 * ```
 */
export const warehouse = [
  account,
  signIn,
  tokens,
  accountRoles,
  publishers,
  project,
  projectRoles,
  release,
  organization,
  organizationRoles,
  team,
] as const
