import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  commitment,
  commitmentPrefixLength,
  entryNonce,
  first16,
  partKey,
  partSalt,
  partSecret,
  partSeed,
  writeCommitmentPrefix,
} from './secrets.ts'

const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes))
const name = fc.stringMatching(/^[a-z]{1,16}$/)

describe('secrets of a part, against the definitions', () => {
  it('e = SHA-256("annals-e/v1\\0" ‖ g ‖ u16be(len name) ‖ name)', () => {
    fc.assert(
      fc.property(secret, name, (g, part) => {
        expect(partSeed(latin1(g), part)).toBe(latin1(hash('annals-e/v1\0', g, named(part))))
      }),
    )
  })

  it('ps is e without subjects, else SHA-256("annals-ps/v1\\0" ‖ e ‖ K1 ‖ K2 …), also for more than 64 keys', () => {
    fc.assert(
      fc.property(secret, fc.array(secret, { maxLength: 70 }), (e, keys) => {
        const plain = keys.length === 0 ? e : hash('annals-ps/v1\0', e, ...keys)
        expect(partSecret(latin1(e), keys.map(latin1))).toBe(latin1(plain))
      }),
    )
    const keys = Array.from({ length: 200 }, (_, i) => Buffer.alloc(32, i))
    const e = Buffer.alloc(32, 9)
    expect(partSecret(latin1(e), keys.map(latin1))).toBe(latin1(hash('annals-ps/v1\0', e, ...keys)))
  })

  it('salt and key are hashes of ps under their own labels', () => {
    fc.assert(
      fc.property(secret, ps => {
        expect(partSalt(latin1(ps))).toBe(latin1(hash('annals-salt/v1\0', ps)))
        expect(partKey(latin1(ps))).toBe(latin1(hash('annals-key/v1\0', ps)))
        expect(partSalt(latin1(ps))).not.toBe(partKey(latin1(ps)))
      }),
    )
  })

  it('the nonce is the first 16 bytes of SHA-256("annals-n/v1\\0" ‖ g), canonical base64url', () => {
    fc.assert(
      fc.property(secret, g => {
        const nonce = entryNonce(latin1(g))
        expect(nonce).toBe(hash('annals-n/v1\0', g).subarray(0, 16).toString('base64url'))
        expect(first16(g.toString('base64url'))).toBe(g.subarray(0, 16).toString('base64url'))
      }),
      { numRuns: 500 },
    )
  })

  it('C = SHA-256("annals-part/v1\\0" ‖ salt ‖ u16be(len name) ‖ name ‖ bytes)', () => {
    fc.assert(
      fc.property(secret, name, fc.uint8Array({ maxLength: 300 }), (salt, part, bytes) => {
        const plain = hash('annals-part/v1\0', salt, named(part), Buffer.from(bytes))
        expect(commitment(latin1(salt), part, bytes)).toBe(plain.toString('base64url'))
        const into = Buffer.alloc(100, 0xff)
        const end = writeCommitmentPrefix(into, 3, latin1(salt), part)
        expect(end - 3).toBe(commitmentPrefixLength(part))
        expect(into.subarray(3, end)).toEqual(
          Buffer.concat([Buffer.from('annals-part/v1\0'), salt, named(part)]),
        )
      }),
    )
  })

  it('the name is bound: other names, other secrets and commitments, of the same bytes', () => {
    const g = latin1(Buffer.alloc(32, 1))
    expect(partSeed(g, 'who')).not.toBe(partSeed(g, 'what'))
    expect(commitment(g, 'a', Buffer.from('bc'))).not.toBe(commitment(g, 'ab', Buffer.from('c')))
  })

  it('thousands of part names need no more memory than the cache allows, and stay right', () => {
    const g = Buffer.alloc(32, 5)
    for (let i = 0; i < 3_000; i++) {
      const part = i.toString(26).replace(/./g, digit => String.fromCharCode(97 + Number.parseInt(digit, 26)))
      expect(partSeed(latin1(g), part)).toBe(latin1(hash('annals-e/v1\0', g, named(part))))
    }
  })
})

function hash(label: string, ...parts: readonly Uint8Array[]): Buffer {
  const digest = createHash('sha256').update(label, 'latin1')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

function named(part: string): Buffer {
  return Buffer.concat([Buffer.from([part.length >> 8, part.length & 255]), Buffer.from(part)])
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1')
}
