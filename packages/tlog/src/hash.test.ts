import { expect, test } from 'vitest'
import { emptyRoot, leafHash, nodeHash } from './index.ts'
import { hex, sha, unhex } from './testing/support.ts'

test('leaves and nodes have different prefixes (RFC 6962 section 2.1)', () => {
  expect(hex(leafHash(sha, new Uint8Array(0)))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  )
  const left = new Uint8Array(32).fill(1)
  const right = new Uint8Array(32).fill(2)
  const both = unhex(`01${hex(left)}${hex(right)}`)
  expect(hex(nodeHash(sha, left, right))).toBe(hex(sha(both)))
  expect(hex(leafHash(sha, both.subarray(1)))).not.toBe(hex(nodeHash(sha, left, right)))
  expect(hex(emptyRoot(sha))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('a node takes hashes of 32 bytes only', () => {
  expect(() => nodeHash(sha, new Uint8Array(31), new Uint8Array(32))).toThrow(TypeError)
  expect(() => nodeHash(sha, new Uint8Array(32), new Uint8Array(33))).toThrow(TypeError)
})
