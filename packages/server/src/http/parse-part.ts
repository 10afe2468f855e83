import { z } from 'zod'
import { HttpError } from './problem.ts'

const NONE = z.strictObject({})

/**
 * Reads a part of a request by its schema; every fault is told with its place.
 *
 * @throws HttpError 400
 */
export function parsePart(
  part: 'path' | 'query' | 'body',
  schema: z.ZodType | undefined,
  value: unknown,
): unknown {
  const result = (schema ?? NONE).safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.slice(0, 20).flatMap(issue => {
    const path = issue.path.map(String)
    if (issue.code !== 'unrecognized_keys')
      return [{ path: place(part, path), message: isMissing(issue, value) ? 'is missing' : issue.message }]
    return issue.keys.map(key => ({
      path: place(part, [...path, key]),
      message: `there is no ${noun(part)} "${key}"`,
    }))
  })
  const [first] = errors
  throw new HttpError(400, 'ANNALS_INVALID', `${first?.path ?? ''}: ${first?.message ?? 'is not valid'}`, {
    path: first?.path,
    errors,
    hint: `${taken(part, schema)}GET /v1/openapi.json describes every request.`,
  })
}

function isMissing({ code, path }: z.core.$ZodIssue, value: unknown): boolean {
  if (code !== 'invalid_type' || path.length === 0) return false
  let at = value
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return at === undefined
}

/** Names of parameters, of which a request may have some that was not meant to be one. */
function taken(part: 'path' | 'query' | 'body', schema: z.ZodType | undefined): string {
  if (part !== 'query' || !(schema instanceof z.ZodObject)) return ''
  return `The parameters are ${Object.keys(schema.shape).join(', ')}. `
}

function noun(part: 'path' | 'query' | 'body'): string {
  return part === 'body' ? 'member' : 'parameter'
}

/** Places in a body are JSON pointers; parameters go by name. */
function place(part: 'path' | 'query' | 'body', path: readonly string[]): string {
  if (part !== 'body') return path.join('.')
  return path.map(one => `/${one.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
