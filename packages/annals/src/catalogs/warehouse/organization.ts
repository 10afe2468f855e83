import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { count, flag, optional, text } from '../schema/value.ts'

const ofProject = fields({ projectName: text })

/** Organizations: their life, projects and subscriptions, and the limits that operators set. The target is the organization. */
export const organization = [
  defineEvent('organization.application_submit', {
    data: noData,
    describe: '{actor} applied for organization {target}',
  }),
  defineEvent('organization.approve', {
    data: noData,
    describe: '{actor} approved organization {target}',
  }),
  defineEvent('organization.decline', {
    data: noData,
    describe: '{actor} declined organization {target}',
  }),
  defineEvent('organization.create', {
    data: noData,
    describe: '{actor} created organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.rename', {
    data: noData,
    describe: '{actor} renamed an organization to {target}',
    retention: 'security',
  }),
  defineEvent('organization.delete', {
    data: noData,
    describe: '{actor} deleted organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.catalog_entry.add', {
    data: noData,
    describe: '{actor} entered organization {target} in the catalog',
  }),
  defineEvent('organization.organization_project.add', {
    data: ofProject,
    describe: '{actor} added project {data.projectName} to organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.organization_project.remove', {
    data: ofProject,
    describe: '{actor} removed project {data.projectName} from organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.subscription.create', {
    data: fields({ subscriptionId: text }),
    describe: '{actor} subscribed organization {target} ({data.subscriptionId})',
  }),
  defineEvent('organization.subscription.status_change', {
    data: fields({ subscriptionId: text, previousStatus: text, status: text }),
    describe: 'The subscription of organization {target} went from {data.previousStatus} to {data.status}',
  }),
  defineEvent('organization.subscription.cancel', {
    data: fields({ subscriptionId: text, atPeriodEnd: optional(flag) }),
    describe: '{actor} cancelled the subscription {data.subscriptionId} of organization {target}',
  }),
  defineEvent('admin.organization.set_upload_limit', {
    data: fields({ oldUploadLimit: optional(count), newUploadLimit: optional(count) }),
    describe: '{actor} set the upload limit of organization {target} to {data.newUploadLimit} bytes',
    visibility: 'operator',
  }),
  defineEvent('admin.organization.set_total_size_limit', {
    data: fields({ oldTotalSizeLimit: optional(count), newTotalSizeLimit: optional(count) }),
    describe: '{actor} set the size limit of organization {target} to {data.newTotalSizeLimit} bytes',
    visibility: 'operator',
  }),
] as const
