import { expect, it } from 'vitest'
import { acceptedOf } from './accepted.ts'
import { HttpError } from './problem.ts'

const TYPES = ['application/json', 'application/x-ndjson', 'text/csv'] as const

it('is what the client prefers, the first of ours when it does not mind', () => {
  const cases: [string | undefined, string][] = [
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV; charset=utf-8', 'text/csv'],
    ['text/*', 'text/csv'],
    ['application/json;q=0.1, application/x-ndjson;q=0.9', 'application/x-ndjson'],
    ['application/*;q=0.5, application/json;q=0', 'application/x-ndjson'],
    ['text/csv;q=nonsense, application/x-ndjson;q=0.2', 'application/x-ndjson'],
  ]
  for (const [header, type] of cases) expect(acceptedOf(header, TYPES), header).toBe(type)
})

it('refuses with 406 when the client takes none of them', () => {
  for (const header of ['image/png', 'application/json;q=0, application/pdf', 'x'.repeat(10_000)])
    expect(() => acceptedOf(header, TYPES)).toThrow(HttpError)
})
