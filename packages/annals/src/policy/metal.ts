import type { Preset } from './rule.ts'

/** Actions of a machine that are recorded, and the routes of the metal API that do them. */
const MACHINE: Readonly<Record<string, readonly string[]>> = {
  update: ['**/machine'],
  register: ['**/machine/register'],
  allocate: ['**/machine/allocate'],
  'finalize-allocation': ['**/machine/{id}/finalize-allocation'],
  state: ['**/machine/{id}/state'],
  'chassis-identify-led-state': ['**/machine/{id}/chassis-identify-led-state'],
  free: ['**/machine/{id}/free'],
  reinstall: ['**/machine/{id}/reinstall'],
  'abort-reinstall': ['**/machine/{id}/abort-reinstall'],
  event: ['**/machine/event', '**/machine/{id}/event'],
  'update-firmware': ['**/machine/update-firmware/{id}'],
}

const NETWORK: Readonly<Record<string, readonly string[]>> = {
  // Created by PUT, updated by POST of the same route.
  create: ['**/network'],
  update: ['**/network'],
  allocate: ['**/network/allocate'],
  free: ['**/network/free/{id}'],
}

const IP: Readonly<Record<string, readonly string[]>> = {
  free: ['**/ip/free/{ip}'],
  update: ['**/ip'],
  allocate: ['**/ip/allocate'],
  'allocate-specific': ['**/ip/allocate/{ip}'],
}

/** Commands to the power of a machine: sent often, and seen in its events. */
const POWER: readonly string[] = [
  'on',
  'off',
  'reset',
  'cycle',
  'bios',
  'disk',
  'pxe',
  'chassis-identify-led-on',
  'chassis-identify-led-off',
]

const actions = (resource: string, names: readonly string[]): readonly string[] =>
  names.map(name => `${resource}.${name}`)
const routes = (...lists: Readonly<Record<string, readonly string[]>>[]): readonly string[] => [
  ...new Set(lists.flatMap(list => Object.values(list).flat())),
]

/** What changes machines, networks and addresses of a bare-metal cloud, and nothing else. */
export const METAL: Preset = {
  rules: [
    { name: 'metal.read', match: { method: ['GET', 'HEAD', 'OPTIONS'] }, capture: 'none' },
    {
      name: 'metal.power-route',
      match: { method: '*', route: POWER.map(name => `**/machine/{id}/power/${name}`) },
      capture: 'none',
    },
    {
      name: 'metal.power',
      match: { action: [...actions('machine', POWER), ...actions('machine.power', POWER)] },
      capture: 'none',
    },
    {
      name: 'metal.route',
      match: { method: ['POST', 'PUT', 'PATCH', 'DELETE'], route: routes(MACHINE, NETWORK, IP) },
    },
    {
      name: 'metal.delete-route',
      match: { method: 'DELETE', route: ['**/machine/{id}', '**/network/{id}'] },
    },
    { name: 'metal.boot', match: { service: ['BootService', '**.BootService'], rpc: 'Register' } },
    { name: 'metal.event', match: { service: ['EventService', '**.EventService'], rpc: 'Send' } },
    {
      name: 'metal.action',
      match: {
        action: [
          ...actions('machine', [...Object.keys(MACHINE), 'delete']),
          ...actions('network', [...Object.keys(NETWORK), 'delete']),
          ...actions('ip', Object.keys(IP)),
        ],
      },
    },
  ],
  otherwise: { capture: 'none' },
}
