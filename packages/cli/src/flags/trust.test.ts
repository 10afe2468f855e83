import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectories } from '../testing/temporary.ts'
import { trustOf } from './trust.ts'

const temporary = temporaryDirectories()
const VKEY = 'example.org/log+77b44618+AQdUzy5WWGjex4vs0N2l681z/ovTB/R5cc3K/tdTFjRt'

function file(text: string): string {
  const name = join(temporary(), 'policy')
  writeFileSync(name, text)
  return name
}

test('nothing given, nobody trusted', async () => {
  expect(await trustOf({})).toEqual({})
})

test('a key, by flag or by file', async () => {
  expect(await trustOf({ vkey: VKEY })).toEqual({ vkey: VKEY })
  expect(await trustOf({ policy: file(`# our log\r\n${VKEY}\r\n`) })).toEqual({ vkey: VKEY })
})

test('a policy is passed on whole', async () => {
  const text = `log ${VKEY}\nquorum none\n`
  expect(await trustOf({ policy: file(text) })).toEqual({ policyText: text })
})

test('what holds no key is a mistake', async () => {
  await expect(trustOf({ policy: file('hello\n') })).rejects.toMatchObject({ exit: 2 })
  await expect(trustOf({ vkey: 'hello' })).rejects.toMatchObject({ exit: 2 })
  await expect(trustOf({ vkey: VKEY, policy: file(VKEY) })).rejects.toMatchObject({ exit: 2 })
})
