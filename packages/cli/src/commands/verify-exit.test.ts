import { expect, test } from 'vitest'
import { exitOf } from './verify.ts'

const finding = (code: string): { code: string; message: string } => ({ code, message: '' })

test.each([
  [true, [], false, 0],
  [true, ['W_ERASED'], false, 0],
  [true, ['W_ERASED'], true, 6],
  [false, ['E_SOURCE_GAP'], false, 6],
  [false, ['E_AUTHORITY_DROPPED', 'E_SOURCE_GAP'], false, 6],
  [false, ['E_SOURCE_GAP', 'E_LEAF'], false, 5],
  [false, ['E_LEAF', 'W_ERASED'], true, 5],
  [false, [], false, 5],
] as const)('ok %s with %j, strict %s: exit %i', (ok, codes, strict, exit) => {
  expect(exitOf({ ok, findings: codes.map(finding) }, strict)).toBe(exit)
})
