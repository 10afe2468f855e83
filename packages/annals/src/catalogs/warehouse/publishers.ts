import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { flag, optional, text } from '../schema/value.ts'

const PUBLISHER = { publisher: text, id: text, specifier: text, url: optional(text) }
const pending = fields({ ...PUBLISHER, project: text })
const added = fields({
  ...PUBLISHER,
  reifiedFromPendingPublisher: optional(flag),
  constrainedFromExistingPublisher: optional(flag),
})
const issuer = fields({ issuerType: text, issuerUrl: text })

/** Trusted publishers: programs elsewhere that may upload. The target is the account, project or organization. */
export const publishers = [
  defineEvent('account.oidc.pending-publisher-added', {
    data: pending,
    describe:
      '{actor} let {data.publisher} {data.specifier} publish {data.project}, still to be created by {target}',
    retention: 'security',
  }),
  defineEvent('account.oidc.pending-publisher-removed', {
    data: pending,
    describe: '{data.publisher} {data.specifier} of account {target} may no longer publish {data.project}',
    retention: 'security',
  }),
  defineEvent('project.oidc.publisher-added', {
    data: added,
    describe: '{actor} let {data.publisher} {data.specifier} publish project {target}',
    retention: 'security',
  }),
  defineEvent('project.oidc.publisher-removed', {
    data: fields(PUBLISHER),
    describe: '{actor} no longer lets {data.publisher} {data.specifier} publish project {target}',
    retention: 'security',
  }),
  defineEvent('organization.oidc.publisher-added', {
    data: issuer,
    describe: '{actor} added the {data.issuerType} issuer {data.issuerUrl} to organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.oidc.publisher-removed', {
    data: issuer,
    describe: '{actor} removed the {data.issuerType} issuer {data.issuerUrl} from organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.oidc.pending-publisher-added', {
    data: pending,
    describe: '{actor} let {data.publisher} {data.specifier} publish {data.project} of organization {target}',
    retention: 'security',
  }),
  defineEvent('organization.oidc.pending-publisher-removed', {
    data: noData,
    describe: '{actor} removed a pending publisher of organization {target}',
    retention: 'security',
  }),
] as const
