import { ERROR_CODES } from 'annals/model'
import { expect, test } from 'vitest'
import { exitCodesTopic } from '../help/exit-codes.ts'
import { EXIT_CODES, EXIT_OF } from './exit-codes.ts'

const help = exitCodesTopic()

test('every exit code stands in the help, and the help names no other', () => {
  const named = [...help.matchAll(/^ {2} *(\d+) {2}/gm)].map(match => match[1])
  expect(named.toSorted()).toEqual(Object.keys(EXIT_CODES).toSorted())
})

test('every error code has an exit code and stands in the help, and the help names no other', () => {
  const named = [...help.matchAll(/ANNALS_[A-Z_]+/g)].map(match => match[0])
  expect(named.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted())
  expect(Object.keys(EXIT_OF).toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted())
})

test('each error code stands below its exit code', () => {
  let exit = ''
  for (const line of help.split('\n')) {
    exit = /^ {2} *(\d+) {2}/.exec(line)?.[1] ?? exit
    for (const [code] of line.matchAll(/ANNALS_[A-Z_]+/g))
      expect(String(EXIT_OF[code as keyof typeof EXIT_OF])).toBe(exit)
  }
})

test('retryable waits are told apart from tampering', () => {
  expect(EXIT_OF.ANNALS_LOCKED).toBe(7)
  expect(EXIT_OF.ANNALS_CORRUPT).toBe(5)
  expect(EXIT_OF.ANNALS_QUERY).toBe(2)
})
