import { defineEvent } from '../../catalog/index.ts'
import { fields } from '../schema/fields.ts'
import { text } from '../schema/value.ts'

const role = fields({ roleName: text })

/** Who may do what in a project. The targets are the project, then the account or team. */
export const projectRoles = [
  defineEvent('project.role.invite', {
    data: role,
    describe: '{actor} invited {target.1} to be {data.roleName} of project {target}',
    retention: 'security',
  }),
  defineEvent('project.role.decline_invite', {
    data: role,
    describe: '{target.1} declined to be {data.roleName} of project {target}',
    retention: 'security',
  }),
  defineEvent('project.role.revoke_invite', {
    data: role,
    describe: '{actor} took back the invitation of {target.1} to be {data.roleName} of project {target}',
    retention: 'security',
  }),
  defineEvent('project.role.add', {
    data: role,
    describe: '{actor} made {target.1} {data.roleName} of project {target}',
    retention: 'security',
  }),
  defineEvent('project.role.change', {
    data: role,
    describe: '{actor} changed the role of {target.1} in project {target} to {data.roleName}',
    retention: 'security',
  }),
  defineEvent('project.role.remove', {
    data: role,
    describe: '{actor} removed {target.1} as {data.roleName} of project {target}',
    retention: 'security',
  }),
  defineEvent('project.team_project_role.add', {
    data: role,
    describe: '{actor} made team {target.1} {data.roleName} of project {target}',
    retention: 'security',
  }),
  defineEvent('project.team_project_role.change', {
    data: role,
    describe: '{actor} changed the role of team {target.1} in project {target} to {data.roleName}',
    retention: 'security',
  }),
  defineEvent('project.team_project_role.remove', {
    data: role,
    describe: '{actor} removed team {target.1} as {data.roleName} of project {target}',
    retention: 'security',
  }),
] as const
