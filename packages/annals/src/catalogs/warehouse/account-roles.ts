import { defineEvent } from '../../catalog/index.ts'
import { fields } from '../schema/fields.ts'
import { text } from '../schema/value.ts'

const inProject = fields({ projectName: text, roleName: text })
const inOrganization = fields({ organizationName: text, roleName: text })
const inTeam = fields({ organizationName: text, teamName: text, roleName: text })

/** What an account may do elsewhere: roles in projects, organizations and teams. The target is the account. */
export const accountRoles = [
  defineEvent('account.role.invite', {
    data: inProject,
    describe: '{actor} invited account {target} to be {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('account.role.decline_invite', {
    data: inProject,
    describe: '{actor} declined for account {target} to be {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('account.role.revoke_invite', {
    data: inProject,
    describe:
      '{actor} took back the invitation of account {target} to be {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('account.role.add', {
    data: inProject,
    describe: '{actor} made account {target} {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('account.role.change', {
    data: inProject,
    describe: '{actor} changed the role of account {target} in project {data.projectName} to {data.roleName}',
    retention: 'security',
  }),
  defineEvent('account.role.remove', {
    data: inProject,
    describe: '{actor} removed account {target} as {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('account.organization_role.invite', {
    data: inOrganization,
    describe:
      '{actor} invited account {target} to be {data.roleName} of organization {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('account.organization_role.decline_invite', {
    data: inOrganization,
    describe:
      '{actor} declined for account {target} to be {data.roleName} of organization {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('account.organization_role.revoke_invite', {
    data: inOrganization,
    describe:
      '{actor} took back the invitation of account {target} to be {data.roleName} of organization {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('account.organization_role.expire_invite', {
    data: fields({ organizationName: text }),
    describe: 'The invitation of account {target} to organization {data.organizationName} expired',
    retention: 'security',
  }),
  defineEvent('account.organization_role.add', {
    data: inOrganization,
    describe: '{actor} made account {target} {data.roleName} of organization {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('account.organization_role.change', {
    data: inOrganization,
    describe:
      '{actor} changed the role of account {target} in organization {data.organizationName} to {data.roleName}',
    retention: 'security',
  }),
  defineEvent('account.organization_role.remove', {
    data: inOrganization,
    describe: '{actor} removed account {target} as {data.roleName} of organization {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('account.team_role.add', {
    data: inTeam,
    describe:
      '{actor} made account {target} {data.roleName} of team {data.teamName} of {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('account.team_role.remove', {
    data: inTeam,
    describe:
      '{actor} removed account {target} as {data.roleName} of team {data.teamName} of {data.organizationName}',
    retention: 'security',
  }),
] as const
