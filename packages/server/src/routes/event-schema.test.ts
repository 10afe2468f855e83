import { readFileSync } from 'node:fs'
import { sampleDrafts } from 'annals/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { serve } from '../testing/serve.ts'
import { draftSchema, eventSchema } from './event-schema.ts'

type Json = { readonly [name: string]: unknown }

const SPEC = JSON.parse(
  readFileSync(new URL('../../../../spec/event-v1.schema.json', import.meta.url), 'utf8'),
) as Json

/** A schema with its references resolved, one level of recursion deep, and without what says nothing of values. */
function plain(schema: unknown, root: Json, seen: readonly string[] = []): unknown {
  if (Array.isArray(schema)) return schema.map(one => plain(one, root, seen))
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref, $defs: _, $schema: __, title: ___, description: ____, id: _____, ...rest } = schema as Json
  const own = Object.entries(rest).map(([name, value]) => [
    name,
    name === 'properties' ? members(value) : plain(value, root, seen),
  ])
  function members(value: unknown): unknown {
    return Object.fromEntries(
      Object.entries(value as Json).map(([name, one]) => [name, plain(one, root, seen)]),
    )
  }
  const named = typeof $ref === 'string' ? $ref.split('/').slice(1) : undefined
  if (named === undefined) return tidy(Object.fromEntries(own))
  const name = String($ref)
  if (seen.filter(one => one === name).length > 1) return '(again)'
  const found = named.reduce<unknown>((at, key) => (at as Json)[key], root)
  return tidy({ ...(plain(found, root, [...seen, name]) as object), ...Object.fromEntries(own) })
}

/** What two ways of writing the same have in common. */
function tidy(schema: Json): Json {
  const { required, type, maximum, pattern, propertyNames: _, ...rest } = schema
  const { const: constant, enum: choice } = rest as { const?: unknown; enum?: readonly unknown[] }
  return {
    ...rest,
    ...(typeof pattern === 'string' ? { pattern: pattern.replaceAll('\\/', '/') } : {}),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
    ...(type === undefined || constant !== undefined || choice !== undefined ? {} : { type }),
    ...(required === undefined ? {} : { required: [...(required as string[])].sort() }),
  }
}

it('the schema of an event is that of the spec', () => {
  const ours = z.toJSONSchema(eventSchema, { io: 'output' }) as Json
  expect(plain(ours, ours)).toEqual(plain(SPEC, SPEC))
})

it('what a log gives, to whomever it is shown, is an event of it; what it was made from is a draft', async () => {
  await using server = await serve()
  const drafts = [...sampleDrafts({ count: 100, seed: 7 })]
  for (const draft of drafts)
    expect(draftSchema.safeParse(JSON.parse(JSON.stringify(draft))).error).toBeUndefined()
  await server.trail.recordAll(drafts)
  for (const role of ['operator', 'auditor'] as const) {
    const token = await server.token({ role })
    const answer = await (await server.ask('/v1/events?limit=1000', { token })).json()
    const { events } = answer as { events: readonly unknown[] }
    expect(events.length).toBeGreaterThan(10)
    for (const event of events) expect(eventSchema.safeParse(event).error).toBeUndefined()
  }
})
