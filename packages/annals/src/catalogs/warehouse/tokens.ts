import { defineEvent } from '../../catalog/index.ts'
import { fields } from '../schema/fields.ts'
import { count, flag, json, list, optional, text } from '../schema/value.ts'

const described = fields({ description: text })
const leaked = fields({
  description: text,
  macaroonId: text,
  caveats: list(json),
  permissions: json,
  /** Who found it. */
  origin: text,
  publicUrl: optional(text),
})
const shortLived = fields({
  /** Seconds since 1970. */
  expires: count,
  publisherName: text,
  publisherUrl: optional(text),
  reusableWorkflowUsed: optional(flag),
})

/** API tokens of accounts and projects; never a token itself. The target is the account or project. */
export const tokens = [
  defineEvent('account.api_token.added', {
    data: fields({ description: text, caveats: list(json) }),
    describe: '{actor} added the API token {data.description} to account {target}',
    retention: 'security',
  }),
  defineEvent('account.api_token.removed', {
    data: fields({ macaroonId: text }),
    describe: '{actor} removed the API token {data.macaroonId} from account {target}',
    retention: 'security',
  }),
  defineEvent('account.api_token.removed_leak', {
    data: leaked,
    describe: 'The API token {data.description} of account {target} was found at {data.origin} and removed',
    retention: 'security',
  }),
  defineEvent('project.api_token.added', {
    data: described,
    describe: '{actor} added the API token {data.description} to project {target}',
    retention: 'security',
  }),
  defineEvent('project.api_token.removed', {
    data: described,
    describe: '{actor} removed the API token {data.description} from project {target}',
    retention: 'security',
  }),
  defineEvent('account.short_lived_api_token.added', {
    data: shortLived,
    describe: '{data.publisherName} got a short-lived API token for project {target}',
    retention: 'security',
  }),
] as const
