import { expect, it } from 'vitest'
import { z } from 'zod'
import { parsePart } from './parse-part.ts'
import type { HttpError } from './problem.ts'

const schema = z.strictObject({ from: z.string().max(2), to: z.string().optional() })

function refusal(part: 'query' | 'body', value: unknown): Pick<HttpError, 'message'> & Partial<HttpError> {
  try {
    parsePart(part, schema, value)
  } catch (error) {
    return error as HttpError
  }
  throw new Error('it was taken')
}

it('what is missing is said to be missing, not to be of a wrong type', () => {
  expect(refusal('query', {}).message).toBe('from: is missing')
  expect(refusal('body', {}).message).toBe('/from: is missing')
  expect(refusal('query', { from: 7 }).message).toContain('expected string')
})

it('an unknown parameter is refused with those that there are', () => {
  expect(refusal('query', { from: '1', form: '2' })).toMatchObject({
    message: 'form: there is no parameter "form"',
    hint: expect.stringContaining('The parameters are from, to.'),
  })
})
