import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, type Draft, type NormalEvent, normalizeDraft } from '../../model/index.ts'
import { createPolicy } from '../policy.ts'
import { Masker } from './masker.ts'

const OWN = new Masker(createPolicy({}).mask, createSecretKey(Buffer.alloc(32, 7)))

function masked(draft: Partial<Draft>): NormalEvent {
  return OWN.mask(normalizeDraft({ action: 'a', ...draft }, { limits: DEFAULT_LIMITS, now: 0 }), 0)
}

test.each([
  ['user=a&password=s3cret word&x=1', 'user=a&password=[masked]&x=1'],
  ['/login?access_token=abc&next=/', '/login?access_token=[masked]&next=/'],
  ['user%5Bpassword%5D=abc', 'user%5Bpassword%5D=[masked]'],
  ['{"user":{"password":"x","name":"n"}}', '{"user":{"name":"n"}}'],
  ['{"password":"x", "cut of', '{"password":"[masked]", "cut of'],
  ['Host: a\r\nAuthorization: Digest a b c\r\nAccept: b', 'Host: a\r\nAuthorization: [masked]\r\nAccept: b'],
  ['login failed for password=abc.', 'login failed for password=[masked]'],
  ['no disk left: password=abc', 'no disk left: password=[masked]'],
  ['Error: a: b: token=abc', 'Error: a: b: token=[masked]'],
  ['failed: password: abc', 'failed: password: [masked]'],
  ['sent Bearer abcdef123', 'sent Bearer [masked]'],
  ['https://user:pw@example.com/x', 'https://user:[masked]@example.com/x'],
  ['got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln here', 'got [masked] here'],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----', '[masked]'],
  [
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\ns3\r\ncret\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nok\r\n--b--',
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n[masked]\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nok\r\n--b--',
  ],
])('%s', (text, expected) => {
  expect(masked({ data: text }).data).toBe(expected)
  expect(masked({ description: text }).description).toBe(expected)
  expect(masked({ outcome: { result: 'failure', message: text } }).outcome.message).toBe(expected)
})

test('a long hostile text is looked through as any other', () => {
  for (const hostile of [
    'a'.repeat(200_000),
    'a="\\'.repeat(40_000),
    ' '.repeat(200_000),
    'a:'.repeat(100_000),
    '[{'.repeat(50_000),
  ])
    expect(typeof masked({ data: hostile }).data).toBe('string')
})
