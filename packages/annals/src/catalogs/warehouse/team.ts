import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { text } from '../schema/value.ts'

const named = fields({ teamName: text })
const role = fields({ roleName: text })
const inTeam = fields({ teamName: text, roleName: text })
const inProject = fields({ projectName: text, roleName: text })

/** Teams, as a team and as its organization see them. The targets are the team or organization, then the account or team that gets a role. */
export const team = [
  defineEvent('team.create', {
    data: noData,
    describe: '{actor} created team {target}',
  }),
  defineEvent('team.rename', {
    data: fields({ previousTeamName: text }),
    describe: '{actor} renamed team {data.previousTeamName} to {target}',
  }),
  defineEvent('team.delete', {
    data: noData,
    describe: '{actor} deleted team {target}',
    retention: 'security',
  }),
  defineEvent('team.team_role.add', {
    data: role,
    describe: '{actor} made {target.1} {data.roleName} of team {target}',
    retention: 'security',
  }),
  defineEvent('team.team_role.remove', {
    data: role,
    describe: '{actor} removed {target.1} as {data.roleName} of team {target}',
    retention: 'security',
  }),
  defineEvent('team.team_project_role.add', {
    data: inProject,
    describe: '{actor} made team {target} {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('team.team_project_role.change', {
    data: inProject,
    describe: '{actor} changed the role of team {target} in project {data.projectName} to {data.roleName}',
    retention: 'security',
  }),
  defineEvent('team.team_project_role.remove', {
    data: inProject,
    describe: '{actor} removed team {target} as {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('organization.team.create', {
    data: named,
    describe: '{actor} created team {data.teamName} of organization {target}',
  }),
  defineEvent('organization.team.rename', {
    data: fields({ previousTeamName: text, teamName: text }),
    describe: '{actor} renamed team {data.previousTeamName} of organization {target} to {data.teamName}',
  }),
  defineEvent('organization.team.delete', {
    data: named,
    describe: '{actor} deleted team {data.teamName} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.team_role.add', {
    data: inTeam,
    describe: '{actor} made {target.1} {data.roleName} of team {data.teamName} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.team_role.remove', {
    data: inTeam,
    describe:
      '{actor} removed {target.1} as {data.roleName} of team {data.teamName} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.team_project_role.add', {
    data: inProject,
    describe:
      '{actor} made team {target.1} of organization {target} {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
  defineEvent('organization.team_project_role.change', {
    data: inProject,
    describe:
      '{actor} changed the role of team {target.1} of organization {target} in project {data.projectName} to {data.roleName}',
    retention: 'security',
  }),
  defineEvent('organization.team_project_role.remove', {
    data: inProject,
    describe:
      '{actor} removed team {target.1} of organization {target} as {data.roleName} of project {data.projectName}',
    retention: 'security',
  }),
] as const
