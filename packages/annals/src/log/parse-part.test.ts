import { canonicalize } from '@annals/tlog'
import { expect, it } from 'vitest'
import { parsePart } from './parse-part.ts'

it('reads escaped member names right, also after the name that confuses V8', () => {
  const values = [{ '\\': 1 }, { '\n': 2 }, { '"': 3 }, { '\u0000': 4 }, { '\\': { '\n': 5 } }]
  for (let round = 0; round < 50; round++) {
    for (const value of values) expect(parsePart(canonicalize(value))).toEqual(value)
  }
})

it('still reads what is not canonical', () => {
  expect(parsePart('{ "b\\n": 1 , "a": 2 }')).toEqual({ 'b\n': 1, a: 2 })
})
