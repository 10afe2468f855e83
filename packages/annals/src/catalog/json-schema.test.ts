import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvent } from './event-type.ts'
import { dataSchema } from './json-schema.ts'
import type { StandardSchemaV1 } from './standard-schema.ts'

const mute: StandardSchemaV1<string> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: '' }) },
}

describe('dataSchema', () => {
  it('is what zod says a producer may give', () => {
    const type = defineEvent('a', {
      data: z.object({ force: z.boolean().default(false), size: z.enum(['s', 'l']) }),
    })
    expect(dataSchema(type)).toMatchObject({
      type: 'object',
      properties: { force: { type: 'boolean', default: false }, size: { type: 'string', enum: ['s', 'l'] } },
      required: ['size'],
    })
  })

  it('is undefined without a schema, and for one that cannot say it', () => {
    expect(dataSchema(defineEvent('a'))).toBeUndefined()
    expect(dataSchema(defineEvent('a', { data: mute }))).toBeUndefined()
    expect(dataSchema(defineEvent('a', { data: z.object({ at: z.date() }) }))).toBeUndefined()
  })
})
