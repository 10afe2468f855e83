import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { optional, text } from '../schema/value.ts'

const role = fields({ roleName: text })

/** Who belongs to an organization. The targets are the organization, then the account. */
export const organizationRoles = [
  defineEvent('organization.organization_role.invite', {
    data: role,
    describe: '{actor} invited {target.1} to be {data.roleName} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.organization_role.decline_invite', {
    data: role,
    describe: '{target.1} declined to be {data.roleName} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.organization_role.revoke_invite', {
    data: role,
    describe: '{actor} took back the invitation of {target.1} to be {data.roleName} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.organization_role.expire_invite', {
    data: noData,
    describe: 'The invitation of {target.1} to organization {target} expired',
    retention: 'security',
  }),
  defineEvent('organization.organization_role.add', {
    data: role,
    describe: '{actor} made {target.1} {data.roleName} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.organization_role.change', {
    data: role,
    describe: '{actor} changed the role of {target.1} in organization {target} to {data.roleName}',
    retention: 'security',
  }),
  defineEvent('organization.organization_role.remove', {
    data: fields({ roleName: text, reason: optional(text) }),
    describe: '{actor} removed {target.1} as {data.roleName} of organization {target}',
    retention: 'security',
  }),
] as const
