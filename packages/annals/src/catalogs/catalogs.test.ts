import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalog, dataSchema, describe as describeEvent, type JsonSchema } from '../catalog/index.ts'
import { AnnalsError, DEFAULT_LIMITS, type Json, normalizeDraft } from '../model/index.ts'
import { instances } from './instances.ts'
import { warehouse } from './warehouse.ts'

const CATALOGS = [
  { name: 'warehouse', made: catalog(warehouse), size: 121 },
  { name: 'instances', made: catalog(instances), size: 42 },
]
const ACTOR = { type: 'user', id: 'u-1', name: 'alice' }
const TARGETS = [
  { type: 'thing', id: 't-1', name: 'first-thing' },
  { type: 'user', id: 'u-2', name: 'bob' },
]

/** Data that fits a schema; every member is there and names itself. */
function sample(schema: JsonSchema | undefined, name = 'data'): Json | undefined {
  const { properties, items, enum: texts, type } = (schema ?? {}) as Record<string, never>
  if (schema === undefined || 'not' in schema) return undefined
  if (texts !== undefined) return texts[0]
  if (properties !== undefined)
    return Object.fromEntries(
      Object.entries<JsonSchema>(properties).map(([key, one]) => [key, sample(one, key) ?? null]),
    )
  if (type === 'array') return [sample(items, name) ?? null]
  return type === 'integer' ? 4096 : type === 'boolean' ? true : `<${name}>`
}

describe.each(CATALOGS)('the catalog $name', ({ name, made, size }) => {
  it(`has ${size} types`, () => {
    expect(made.types).toHaveLength(size)
    expect(made.open).toBe(false)
  })

  it('defines each in at most 8 lines', () => {
    const files = globSync(`${name}/*.ts`, { cwd: import.meta.dirname })
    const sources = files.map(file => readFileSync(join(import.meta.dirname, file), 'utf8'))
    const types = sources.flatMap(source => source.match(/^ {2}defineEvent\([\s\S]*?^ {2}\}\),$/gm) ?? [])
    expect(types).toHaveLength(size)
    expect(types.filter(type => type.split('\n').length > 8)).toEqual([])
    expect(sources.filter(source => source.split('\n').length > 150)).toEqual([])
  })

  it.each(made.types.map(type => [type.action, type] as const))('%s reads as a sentence', (action, type) => {
    const data = sample(dataSchema(type)) as Json
    const draft = { action, actor: ACTOR, targets: TARGETS, ...(data !== undefined && { data }) }
    const event = made.admit(normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 }))
    if (event instanceof Promise) throw new Error('the schema is asynchronous')
    const sentence = describeEvent(event, made)
    expect(sentence).toMatch(/^(alice|bob|A|The|Instance|<\w+>) (\S+ .*)?(first-thing|<filename>)/)
    expect(sentence).not.toMatch(/\(none\)|\{|\}|undefined/)
    expect(sentence).not.toContain(action)
    if ((type.describe ?? '').includes('{target.1}')) expect(sentence).toContain('bob')
  })

  it.each(made.types.map(type => [type.action, type] as const))(
    '%s takes no other data',
    async (action, type) => {
      const data = { ...(sample(dataSchema(type)) as object | undefined), password: 'hunter2' }
      const refused = await (async () =>
        made.admit(normalizeDraft({ action, data }, { limits: DEFAULT_LIMITS, now: 0 })))().catch(
        error => error,
      )
      expect(refused).toBeInstanceOf(AnnalsError)
      expect(refused.message).not.toContain('hunter2')
      const takesNone = 'not' in (dataSchema(type) ?? {})
      expect(refused).toMatchObject({ code: 'ANNALS_INVALID', path: takesNone ? '/data' : '/data/password' })
    },
  )
})
