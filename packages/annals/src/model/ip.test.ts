import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isIp } from './ip.ts'

it.each([
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1%eth0',
  '::ffff:10.0.0.1',
  '1:2:3:4:5:6:7:8',
  '1::8',
  '1:2:3:4:5:6:7::',
  '64:ff9b::1.2.3.4',
  'ABCD::',
])('T13 %s is an address', text => expect(isIp(text)).toBe(true))
it.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3.',
  '1..2.3',
  ':',
  ':::',
  '1:2',
  '1::2::3',
  '12345::',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  '[::1]',
  '10.0.0.0/8',
  '::1%',
  '1.2.3.4::',
  'a.b.c.d',
  '1:',
])('T13 %j is none', text => expect(isIp(text)).toBe(false))
it('takes every generated address', () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => isIp(text)))
})
