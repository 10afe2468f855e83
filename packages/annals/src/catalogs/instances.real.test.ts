import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalog } from '../catalog/index.ts'
import { instances, MACHINE_AUDIT_ACTIONS } from './instances.ts'

const FOLDER = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')
const FILE = resolve(FOLDER, 'triton-machineaudit-golden.json')
const missing = !existsSync(FILE)
const skipped = missing ? ' (skipped: the file is not here; set ANNALS_TEST_DATA to its folder)' : ''

interface Golden {
  readonly actions_named: readonly string[]
  readonly reported_as_unknown: readonly string[]
  readonly golden_sequence_newest_first: readonly string[]
}

/** The types of what was reported as `unknown`. */
const KNOWN_NOW: Readonly<Record<string, readonly string[]>> = {
  'firewall enable/disable': ['instance.firewall.enable', 'instance.firewall.disable'],
  'internal metadata add/set/delete': [
    'instance.internal-metadata.set',
    'instance.internal-metadata.replace',
    'instance.internal-metadata.remove',
  ],
  'owner update': ['instance.owner.change'],
}

describe.skipIf(missing)(`the actions of triton-machineaudit-golden.json${skipped}`, () => {
  const golden = (missing ? {} : JSON.parse(readFileSync(FILE, 'utf8'))) as Golden
  const made = catalog(instances)

  it('have a type each, and no two the same', () => {
    expect(Object.keys(MACHINE_AUDIT_ACTIONS).sort()).toEqual([...golden.actions_named].sort())
    expect(new Set(Object.values(MACHINE_AUDIT_ACTIONS)).size).toBe(golden.actions_named.length)
    for (const action of Object.values(MACHINE_AUDIT_ACTIONS)) expect(made.get(action), action).toBeDefined()
  })

  it('of the golden sequence are all among them', () => {
    const named = new Set(Object.keys(MACHINE_AUDIT_ACTIONS))
    expect(golden.golden_sequence_newest_first).toHaveLength(19)
    expect(golden.golden_sequence_newest_first.filter(name => !named.has(name))).toEqual([])
  })

  it('that were reported as unknown have types of their own', () => {
    expect(golden.reported_as_unknown).toEqual(Object.keys(KNOWN_NOW))
    for (const action of Object.values(KNOWN_NOW).flat()) expect(made.get(action), action).toBeDefined()
  })
})
