import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { METHODS } from './index.ts'

it('has the methods of the specification, and no other', () => {
  const page = readFileSync(new URL('../../../../../../spec/rpc-v1.md', import.meta.url), 'utf8')
  const told = [...page.matchAll(/^### (\S+)$/gm)].map(([, name]) => name)
  expect(told.sort()).toEqual(METHODS.map(method => method.name).sort())
})
