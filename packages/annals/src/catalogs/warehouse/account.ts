import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { flag, optional, text } from '../schema/value.ts'

const email = fields({ email: text })

/** An account itself, its addresses, and what it is linked with. The target is the account. */
export const account = [
  defineEvent('account.create', {
    data: email,
    describe: '{actor} created account {target} with the address {data.email}',
    retention: 'security',
  }),
  defineEvent('account.email.add', {
    data: email,
    describe: '{actor} added the address {data.email} to account {target}',
    retention: 'security',
  }),
  defineEvent('account.email.remove', {
    data: email,
    describe: '{actor} removed the address {data.email} from account {target}',
    retention: 'security',
  }),
  defineEvent('account.email.primary.change', {
    data: fields({ oldPrimary: optional(text), newPrimary: text }),
    describe: '{actor} made {data.newPrimary} the primary address of account {target}',
    retention: 'security',
  }),
  defineEvent('account.email.reverify', {
    data: email,
    describe: '{actor} asked to verify the address {data.email} of account {target} again',
    retention: 'personal',
  }),
  defineEvent('account.email.verified', {
    data: fields({ email: text, primary: flag }),
    describe: '{actor} verified the address {data.email} of account {target}',
    retention: 'security',
  }),
  defineEvent('account.email.sent', {
    data: noData,
    describe: 'A message was sent to account {target}',
    retention: 'personal',
  }),
  defineEvent('account.association.add', {
    data: fields({ service: text, externalUsername: text }),
    describe: '{actor} linked account {target} with {data.externalUsername} at {data.service}',
    retention: 'security',
  }),
  defineEvent('account.association.remove', {
    data: noData,
    describe: '{actor} unlinked account {target} from an account elsewhere',
    retention: 'security',
  }),
  defineEvent('account.alternate_repository.add', {
    data: noData,
    describe: '{actor} added an alternate repository to account {target}',
  }),
  defineEvent('account.alternate_repository.delete', {
    data: noData,
    describe: '{actor} deleted an alternate repository of account {target}',
  }),
] as const
