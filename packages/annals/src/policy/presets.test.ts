import { describe, expect, test } from 'vitest'
import { createPolicy, type PresetName, type Subject } from './index.ts'

function isRecorded(preset: PresetName, subject: Subject): boolean {
  return createPolicy({ preset }).decide(subject).capture === 'full'
}

describe('mutating', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'post'])('%s is recorded', method => {
    expect(isRecorded('mutating', { method, route: '/v1/machine/{id}' })).toBe(true)
  })
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('%s is not', method => {
    expect(isRecorded('mutating', { method, route: '/v1/machine/{id}' })).toBe(false)
  })
  test.each(['find', 'notify', 'try', 'match', 'matches', 'capacity', 'from-hardware'])(
    'POST …/%s only asks; only as a whole last segment',
    suffix => {
      expect(isRecorded('mutating', { method: 'POST', route: `/v1/size/${suffix}` })).toBe(false)
      expect(isRecorded('mutating', { method: 'POST', route: `/v1/size/${suffix}/` })).toBe(false)
      expect(isRecorded('mutating', { method: 'POST', route: `/v1/size/x${suffix}` })).toBe(true)
      expect(isRecorded('mutating', { method: 'POST', route: `/v1/${suffix}/{id}` })).toBe(true)
    },
  )
  test('what is no HTTP request is recorded', () => {
    expect(isRecorded('mutating', { action: 'machine.delete' })).toBe(true)
    expect(isRecorded('mutating', { service: 'api.v1.BootService', rpc: 'Register' })).toBe(true)
  })
  test('a request without a route is recorded by its method', () => {
    expect(isRecorded('mutating', { method: 'POST' })).toBe(true)
  })
})

describe('metal', () => {
  const recorded: readonly (readonly [what: string, method: string, route: string, action: string])[] = [
    ['machine update', 'POST', '/v1/machine', 'machine.update'],
    ['machine register', 'POST', '/v1/machine/register', 'machine.register'],
    ['machine allocate', 'POST', '/v1/machine/allocate', 'machine.allocate'],
    [
      'machine finalize-allocation',
      'POST',
      '/v1/machine/{id}/finalize-allocation',
      'machine.finalize-allocation',
    ],
    ['machine state', 'POST', '/v1/machine/{id}/state', 'machine.state'],
    [
      'machine chassis-identify-led-state',
      'POST',
      '/v1/machine/{id}/chassis-identify-led-state',
      'machine.chassis-identify-led-state',
    ],
    ['machine free', 'DELETE', '/v1/machine/{id}/free', 'machine.free'],
    ['machine delete', 'DELETE', '/v1/machine/{id}', 'machine.delete'],
    ['machine reinstall', 'POST', '/v1/machine/{id}/reinstall', 'machine.reinstall'],
    ['machine abort-reinstall', 'POST', '/v1/machine/{id}/abort-reinstall', 'machine.abort-reinstall'],
    ['machine event', 'POST', '/v1/machine/{id}/event', 'machine.event'],
    ['machine update-firmware', 'POST', '/v1/machine/update-firmware/{id}', 'machine.update-firmware'],
    ['network delete', 'DELETE', '/v1/network/{id}', 'network.delete'],
    ['network create', 'PUT', '/v1/network', 'network.create'],
    ['network update', 'POST', '/v1/network', 'network.update'],
    ['network allocate', 'POST', '/v1/network/allocate', 'network.allocate'],
    ['network free', 'DELETE', '/v1/network/free/{id}', 'network.free'],
    ['ip free', 'POST', '/v1/ip/free/{ip}', 'ip.free'],
    ['ip update', 'POST', '/v1/ip', 'ip.update'],
    ['ip allocate', 'POST', '/v1/ip/allocate', 'ip.allocate'],
    ['ip allocate specific', 'POST', '/v1/ip/allocate/{ip}', 'ip.allocate-specific'],
  ]
  test.each(recorded)('%s is recorded', (_, method, route, action) => {
    expect(isRecorded('metal', { method, route })).toBe(true)
    expect(isRecorded('metal', { action })).toBe(true)
    expect(isRecorded('metal', { method: 'GET', route })).toBe(false)
    expect(isRecorded('metal', { method: 'GET', route, action })).toBe(false)
  })

  test.each([
    'on',
    'off',
    'reset',
    'cycle',
    'bios',
    'disk',
    'pxe',
    'chassis-identify-led-on',
    'chassis-identify-led-off',
  ])('machine %s is not', name => {
    expect(isRecorded('metal', { method: 'POST', route: `/v1/machine/{id}/power/${name}` })).toBe(false)
    expect(isRecorded('metal', { action: `machine.${name}` })).toBe(false)
    expect(isRecorded('metal', { action: `machine.power.${name}` })).toBe(false)
  })

  test.each([
    ['api.v1.BootService', 'Register', true],
    ['BootService', 'Register', true],
    ['api.v1.BootService', 'Wait', false],
    ['api.v1.EventService', 'Send', true],
    ['api.v1.EventService', 'Register', false],
    ['api.v1.OtherEventService', 'Send', false],
  ])('gRPC %s.%s: %s', (service, rpc, is) => {
    expect(isRecorded('metal', { service, rpc })).toBe(is)
  })

  test.each([
    ['POST', '/v1/machine/find'],
    ['POST', '/v1/image'],
    ['DELETE', '/v1/ip/{id}'],
    ['POST', '/v1/machine/{id}'],
    ['POST', '/v1/machine/{id}/freed'],
  ])('what is on neither list is not: %s %s', (method, route) => {
    expect(isRecorded('metal', { method, route })).toBe(false)
  })
})

test('all and none', () => {
  for (const subject of [{}, { method: 'GET' }, { action: 'a' }]) {
    expect(isRecorded('all', subject)).toBe(true)
    expect(createPolicy({ preset: 'none' }).decide(subject).capture).toBe('none')
  }
})

test('own rules come before those of the preset, and its last word can be changed', () => {
  const policy = createPolicy({
    preset: 'metal',
    rules: [{ name: 'power', match: { action: 'machine.power.*' }, capture: 'metadata' }],
    otherwise: { capture: 'metadata' },
  })
  expect(policy.decide({ action: 'machine.power.on' })).toMatchObject({ rule: 'power', capture: 'metadata' })
  expect(policy.decide({ action: 'image.create' })).toMatchObject({ rule: 'otherwise', capture: 'metadata' })
})
