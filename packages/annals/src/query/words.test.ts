import { expect, it } from 'vitest'
import { holdsWords, words } from './words.ts'

const UUID = 'e6c9f237-bfa8-4704-a15f-108692b29a74'

it.each([
  ['Deleted web-3!', ['deleted', 'web', '3']],
  [UUID, [UUID]],
  [`id ${UUID.toUpperCase()}, gone`, ['id', UUID, 'gone']],
  [`machine/${UUID}`, ['machine', UUID]],
  [`${UUID}x`, ['e6c9f237', 'bfa8', '4704', 'a15f', '108692b29a74x']],
  [`x${UUID}`, ['xe6c9f237', 'bfa8', '4704', 'a15f', '108692b29a74']],
  [`Zoë ${UUID}ë ${UUID}`, ['zoë', 'e6c9f237', 'bfa8', '4704', 'a15f', '108692b29a74ë', UUID]],
  [`${UUID}-${UUID}`, [UUID, UUID]],
  ['', []],
])('splits %j', (text, expected) => {
  expect(words(text)).toEqual(expected)
})

it('finds a UUID by its beginning', () => {
  expect(holdsWords([`machine/${UUID}`], { words: ['e6c9f237'], phrase: false })).toBe(true)
})
