import type { Change, Json, Outcome } from '../model/index.ts'
import type { PartName } from './sample-world.ts'

/** A kind of event of the sample world. */
export interface SampleAction {
  readonly action: string
  /** How often, in relation to the others. */
  readonly weight: number
  /** What it is about, the primary one first. */
  readonly about: readonly (PartName | 'self')[]
  /** The ways it can end; equally often. */
  readonly outcomes: readonly Outcome[]
  readonly changes?: readonly (readonly Change[])[]
  readonly data?: readonly { readonly [key: string]: Json }[]
}

const OK = [3, 7, 12, 18, 26, 41, 63, 88, 130, 210, 380, 640, 1250, 2900, 7400, 18_000].map(
  (durationMs): Outcome => ({ result: 'success', durationMs }),
)
const DENIED: Outcome = {
  result: 'denied',
  code: 'PermissionDenied',
  message: 'the role "viewer" does not allow this action',
  durationMs: 2,
}
const QUOTA: Outcome = {
  result: 'failure',
  code: 'QuotaExceeded',
  message: 'the project has reached its quota of 64 machines',
  durationMs: 31,
}
const BUSY: Outcome = {
  result: 'failure',
  code: 'Conflict',
  message: 'another operation on this resource is in progress',
  durationMs: 9,
}
const TIMEOUT: Outcome = {
  result: 'failure',
  code: 'Timeout',
  message: 'the hypervisor did not answer within 30 s',
  durationMs: 30_000,
}
const PASSWORD: Outcome = {
  result: 'denied',
  code: 'InvalidCredentials',
  message: 'the password is wrong',
  durationMs: 240,
}

/** Sixteen of seventeen succeed. */
const USUALLY: readonly Outcome[] = [...OK, DENIED]
const FRAGILE: readonly Outcome[] = [...OK, ...OK, DENIED, BUSY, TIMEOUT]
const LIMITED: readonly Outcome[] = [...OK, DENIED, QUOTA]
const SIGN_IN: readonly Outcome[] = [...OK, PASSWORD, PASSWORD]

const SIZES = ['c1.small', 'c1.medium', 'm2.large', 'm2.xlarge', 'r3.2xlarge', 'g4.8xlarge']
const STATES = ['running', 'stopped', 'paused', 'provisioning']
const CIDRS = ['10.0.0.0/8', '192.0.2.0/24', '198.51.100.0/25', '2001:db8:12::/48']

function replaced(path: string, values: readonly Json[]): readonly Change[] {
  return values.map((before, at) => ({
    path,
    op: 'replace',
    before,
    after: values[(at + 1) % values.length] ?? null,
  }))
}

const STATE = replaced('/state', STATES).map(change => [change])
const SIZE = replaced('/size', SIZES).map((change, at): readonly Change[] => [
  change,
  { path: '/memoryMiB', op: 'replace', before: 2048 << at, after: 2048 << ((at + 1) % SIZES.length) },
])
const TAGS = SIZES.map((size, at): readonly Change[] => [
  { path: '/tags/cost-center', op: 'add', after: `cc-${4100 + at}` },
  { path: '/tags/size', op: 'replace', before: size, after: SIZES[(at + 2) % SIZES.length] ?? size },
  { path: '/tags/temporary', op: 'remove', before: 'yes' },
])
const RULES = CIDRS.map((cidr, at): readonly Change[] => [
  { path: `/rules/${at}`, op: 'add', after: { protocol: 'tcp', port: 443 + at, from: cidr } },
])
const OWNERS = replaced('/owner', ['platform-team', 'payments-team', 'data-team', 'research-team']).map(
  change => [change],
)
const SECRET: readonly (readonly Change[])[] = [[{ path: '/secret', op: 'replace', masked: true }]]
const CREATED = SIZES.map((size, at) => ({ size, diskGiB: 20 << at, zone: `zone-${(at % 3) + 1}` }))
const DISKS = [20, 50, 100, 500].map(sizeGiB => ({ sizeGiB, type: sizeGiB > 99 ? 'ssd' : 'hdd' }))
const REASONS = [
  'scheduled maintenance',
  'requested in ticket OPS-4711',
  'autoscaling decision',
  'cost saving policy',
].map(reason => ({ reason }))
const METHODS = ['password', 'passkey', 'oidc', 'saml'].map(method => ({
  method,
  mfa: method !== 'password',
  session: 'interactive',
}))

function kind(
  action: string,
  weight: number,
  about: SampleAction['about'],
  more: Partial<SampleAction> = {},
): SampleAction {
  return { action, weight, about, outcomes: USUALLY, ...more }
}

/** Every action of the sample world. */
export const SAMPLE_ACTIONS: readonly SampleAction[] = [
  kind('session.login', 90, ['self'], { outcomes: SIGN_IN, data: METHODS }),
  kind('session.logout', 50, ['self'], { outcomes: OK, data: METHODS }),
  kind('session.refresh', 60, ['self'], { outcomes: SIGN_IN, data: METHODS }),
  kind('user.create', 4, ['user', 'project'], { data: METHODS }),
  kind('user.disable', 2, ['user', 'project'], { data: REASONS }),
  kind('user.password.change', 5, ['self'], { changes: SECRET }),
  kind('user.mfa.enable', 3, ['self'], { data: METHODS }),
  kind('user.role.grant', 6, ['user', 'project'], { changes: OWNERS }),
  kind('user.role.revoke', 4, ['user', 'project'], { changes: OWNERS }),
  kind('key.add', 8, ['key', 'user'], { data: REASONS }),
  kind('key.rotate', 5, ['key', 'user'], { changes: SECRET }),
  kind('key.remove', 4, ['key', 'user'], { data: REASONS }),
  kind('project.create', 2, ['project'], { outcomes: LIMITED, data: REASONS }),
  kind('project.update', 5, ['project'], { changes: OWNERS }),
  kind('project.quota.change', 2, ['project'], { changes: SIZE, data: REASONS }),
  kind('machine.create', 70, ['machine', 'image', 'network'], { outcomes: LIMITED, data: CREATED }),
  kind('machine.start', 80, ['machine'], { outcomes: FRAGILE, changes: STATE }),
  kind('machine.stop', 80, ['machine'], { outcomes: FRAGILE, changes: STATE }),
  kind('machine.reboot', 60, ['machine'], { outcomes: FRAGILE, changes: STATE }),
  kind('machine.resize', 25, ['machine', 'image'], { outcomes: FRAGILE, changes: SIZE }),
  kind('machine.rename', 8, ['machine'], { changes: OWNERS }),
  kind('machine.rebuild', 6, ['machine', 'image'], { outcomes: FRAGILE, data: CREATED }),
  kind('machine.migrate', 10, ['machine'], { outcomes: FRAGILE, changes: STATE }),
  kind('machine.delete', 55, ['machine', 'volume', 'nic'], { outcomes: FRAGILE, data: REASONS }),
  kind('machine.console.open', 20, ['machine'], { data: METHODS }),
  kind('machine.metadata.update', 25, ['machine'], { changes: TAGS }),
  kind('machine.tags.replace', 40, ['machine'], { changes: TAGS }),
  kind('machine.owner.transfer', 6, ['machine', 'user'], { changes: OWNERS }),
  kind('machine.nic.add', 35, ['machine', 'nic', 'network'], { outcomes: FRAGILE }),
  kind('machine.nic.remove', 25, ['machine', 'nic', 'network'], { outcomes: FRAGILE }),
  kind('machine.snapshot.create', 45, ['machine', 'snapshot', 'volume'], { outcomes: FRAGILE }),
  kind('machine.snapshot.restore', 8, ['machine', 'snapshot'], { outcomes: FRAGILE, changes: STATE }),
  kind('machine.snapshot.delete', 25, ['machine', 'snapshot'], { data: REASONS }),
  kind('volume.create', 35, ['volume', 'project'], { outcomes: LIMITED, data: DISKS }),
  kind('volume.attach', 40, ['volume', 'machine'], { outcomes: FRAGILE, data: DISKS }),
  kind('volume.detach', 35, ['volume', 'machine'], { outcomes: FRAGILE, data: DISKS }),
  kind('volume.resize', 12, ['volume'], { changes: SIZE, data: DISKS }),
  kind('volume.delete', 25, ['volume', 'project'], { outcomes: FRAGILE, data: REASONS }),
  kind('ip.allocate', 30, ['ip', 'network'], { outcomes: LIMITED, data: REASONS }),
  kind('ip.assign', 30, ['ip', 'nic', 'machine'], { outcomes: FRAGILE }),
  kind('ip.release', 25, ['ip', 'network'], { data: REASONS }),
  kind('network.create', 5, ['network', 'project'], { outcomes: LIMITED, data: REASONS }),
  kind('network.delete', 3, ['network', 'project'], { outcomes: FRAGILE }),
  kind('firewall.rule.add', 18, ['firewall', 'network'], { changes: RULES }),
  kind('firewall.rule.remove', 12, ['firewall', 'network'], { data: REASONS }),
  kind('image.publish', 5, ['image', 'project'], { data: CREATED }),
  kind('backup.export', 10, ['snapshot', 'volume'], { outcomes: FRAGILE, data: DISKS }),
]
