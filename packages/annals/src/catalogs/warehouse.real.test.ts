import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalog, dataSchema } from '../catalog/index.ts'
import { warehouse } from './warehouse.ts'

const FOLDER = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')
const FILE = resolve(FOLDER, 'warehouse-event-catalogue.json')
const missing = !existsSync(FILE)
const skipped = missing ? ' (skipped: the file is not here; set ANNALS_TEST_DATA to its folder)' : ''

interface Tag {
  readonly tag: string
  readonly additionalKeys: readonly string[]
}

/** What an event has a better place for than `data`. */
const ELSEWHERE: Readonly<Record<string, RegExp>> = {
  actor:
    /^(actor|user|submitted_by|created_by|canceled_by|(submitted|created|approved|deleted|renamed)_by(_user_id)?)$/,
  'second target': /^target_(user|user_id|team)$/,
  masking: /^redact_ip$/,
}

describe.skipIf(missing)(`the tags of warehouse-event-catalogue.json${skipped}`, () => {
  const tags = missing ? [] : (JSON.parse(readFileSync(FILE, 'utf8')) as { tags: readonly Tag[] }).tags
  const made = catalog(warehouse)
  const isElsewhere = (key: string): boolean => Object.values(ELSEWHERE).some(keys => keys.test(key))

  it('are the actions of the catalog, all and no others', () => {
    const actions = tags.map(({ tag }) => tag.replaceAll(':', '.'))
    expect(new Set(actions).size).toBe(121)
    expect(made.types.map(type => type.action).sort()).toEqual(actions.sort())
  })

  it('have their additional keys as data, or in a better place', () => {
    const kept = tags.map(({ tag, additionalKeys }) => [
      tag.replaceAll(':', '.'),
      additionalKeys
        .filter(key => !isElsewhere(key))
        .map(camelCase)
        .sort(),
    ])
    const data = made.types.map(type => [
      type.action,
      Object.keys((dataSchema(type)?.['properties'] as object | undefined) ?? {}).sort(),
    ])
    expect(Object.fromEntries(data)).toEqual(Object.fromEntries(kept))
  })

  it('say to whom, where a role is given', () => {
    for (const { tag, additionalKeys } of tags) {
      if (!additionalKeys.some(key => ELSEWHERE['second target']?.test(key))) continue
      expect(made.get(tag.replaceAll(':', '.'))?.describe, tag).toContain('{target.1}')
    }
  })
})

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
