import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { optional, text } from '../schema/value.ts'

const method = fields({ method: text, label: optional(text) })

/** How somebody comes into an account: log-ins, passwords, second factors. The target is the account. */
export const signIn = [
  defineEvent('account.login.success', {
    data: fields({ twoFactorMethod: optional(text), twoFactorLabel: optional(text) }),
    describe: '{actor} logged in to account {target}',
    retention: 'security',
  }),
  defineEvent('account.login.failure', {
    data: fields({ reason: text }),
    describe: 'A log-in to account {target} {outcome} ({data.reason})',
    retention: 'security',
  }),
  defineEvent('account.login.new_device', {
    data: fields({ twoFactorMethod: optional(text) }),
    describe: '{actor} logged in to account {target} from a new device',
    retention: 'security',
  }),
  defineEvent('account.password.change', {
    data: noData,
    describe: '{actor} changed the password of account {target}',
    retention: 'security',
  }),
  defineEvent('account.password.disabled', {
    data: fields({ reason: text }),
    describe: '{actor} disabled the password of account {target} ({data.reason})',
    retention: 'security',
  }),
  defineEvent('account.password.reset', {
    data: noData,
    describe: '{actor} reset the password of account {target}',
    retention: 'security',
  }),
  defineEvent('account.password.reset.request', {
    data: noData,
    describe: '{actor} asked to reset the password of account {target}',
    retention: 'security',
  }),
  defineEvent('account.password.reset.attempt', {
    data: noData,
    describe: '{actor} tried to reset the password of account {target}',
    retention: 'security',
  }),
  defineEvent('account.two_factor.method_added', {
    data: method,
    describe: '{actor} added the second factor {data.method} to account {target}',
    retention: 'security',
  }),
  defineEvent('account.two_factor.method_removed', {
    data: method,
    describe: '{actor} removed the second factor {data.method} from account {target}',
    retention: 'security',
  }),
  defineEvent('account.two_factor.device_remembered', {
    data: fields({ twoFactorMethod: text }),
    describe: '{actor} had a device remembered for account {target}',
    retention: 'security',
  }),
  defineEvent('account.recovery_codes.generated', {
    data: noData,
    describe: '{actor} made recovery codes for account {target}',
    retention: 'security',
  }),
  defineEvent('account.recovery_codes.regenerated', {
    data: noData,
    describe: '{actor} made new recovery codes for account {target}',
    retention: 'security',
  }),
  defineEvent('account.recovery_codes.used', {
    data: noData,
    describe: '{actor} used a recovery code of account {target}',
    retention: 'security',
  }),
] as const
