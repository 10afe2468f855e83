import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { count, optional, text } from '../schema/value.ts'

const ofOrganization = fields({ organizationName: text })

/** Projects: their life, settings, and the limits that operators set. The target is the project. Absent limits are the general ones. */
export const project = [
  defineEvent('project.create', {
    data: noData,
    describe: '{actor} created project {target}',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.archive.enter', {
    data: noData,
    describe: '{actor} archived project {target}',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.archive.exit', {
    data: noData,
    describe: '{actor} took project {target} out of the archive',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.quarantine.enter', {
    data: noData,
    describe: '{actor} put project {target} into quarantine',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.quarantine.exit', {
    data: noData,
    describe: '{actor} let project {target} out of quarantine',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.organization_project.add', {
    data: ofOrganization,
    describe: '{actor} gave project {target} to organization {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('project.organization_project.remove', {
    data: ofOrganization,
    describe: '{actor} took project {target} from organization {data.organizationName}',
    retention: 'security',
  }),
  defineEvent('project.owners_require_2fa.enabled', {
    data: noData,
    describe: '{actor} requires a second factor of those who manage project {target}',
    retention: 'security',
  }),
  defineEvent('project.owners_require_2fa.disabled', {
    data: noData,
    describe: '{actor} no longer requires a second factor of those who manage project {target}',
    retention: 'security',
  }),
  defineEvent('project.alternate_repository.add', {
    data: noData,
    describe: '{actor} added an alternate repository to project {target}',
  }),
  defineEvent('project.alternate_repository.delete', {
    data: noData,
    describe: '{actor} deleted an alternate repository of project {target}',
  }),
  defineEvent('admin.project.set_upload_limit', {
    data: fields({ oldUploadLimit: optional(count), newUploadLimit: optional(count) }),
    describe: '{actor} set the upload limit of project {target} to {data.newUploadLimit} bytes',
    visibility: 'operator',
  }),
  defineEvent('admin.project.set_total_size_limit', {
    data: fields({ oldTotalSizeLimit: optional(count), newTotalSizeLimit: optional(count) }),
    describe: '{actor} set the size limit of project {target} to {data.newTotalSizeLimit} bytes',
    visibility: 'operator',
  }),
] as const
