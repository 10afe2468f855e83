import { describe, expect, it } from 'vitest'
import { createCatalog } from '../catalog/index.ts'
import { newTrail } from '../trail/trail.test-support.ts'
import { policyInForce, readRetentionPolicy } from './retention-policy.ts'
import { retentionPolicy } from './retention-policy-act.ts'
import { ruleText } from './retention-rule.ts'

const DAY = 86_400

describe('readRetentionPolicy', () => {
  it('reads what a person writes as seconds', () => {
    expect(
      readRetentionPolicy({
        classes: { standard: '180d', security: 3600, personal: { last: 5 }, ledger: 'forever' },
        tenants: { 'acme/eu': { standard: '2w' } },
        floor: '1d',
      }),
    ).toEqual({
      classes: { standard: 180 * DAY, security: 3600, personal: { last: 5 }, ledger: 'forever' },
      tenants: { 'acme/eu': { standard: 14 * DAY } },
      floor: DAY,
    })
    expect(readRetentionPolicy({})).toEqual({ classes: {}, tenants: {}, floor: 0 })
  })

  it.each([
    ['', []],
    ['/class', { class: {} }],
    ['/classes', { classes: [] }],
    ['/classes/Standard', { classes: { Standard: 1 } }],
    ['/classes/standard', { classes: { standard: 0 } }],
    ['/classes/standard', { classes: { standard: -1 } }],
    ['/classes/standard', { classes: { standard: 1.5 } }],
    ['/classes/standard', { classes: { standard: '1.5s' } }],
    ['/classes/standard', { classes: { standard: '180' } }],
    ['/classes/standard', { classes: { standard: 'for ever' } }],
    ['/classes/standard', { classes: { standard: null } }],
    ['/classes/standard', { classes: { standard: true } }],
    ['/classes/standard/last', { classes: { standard: { last: 0 } } }],
    ['/classes/standard/last', { classes: { standard: {} } }],
    ['/classes/standard/first', { classes: { standard: { first: 1 } } }],
    ['/classes/ledger', { classes: { ledger: '100d' } }],
    ['/tenants/a/ledger', { tenants: { a: { ledger: { last: 1 } } } }],
    ['/tenants/', { tenants: { '': {} } }],
    ['/tenants/a~1b~0c/standard', { tenants: { 'a/b~c': { standard: '1' } } }],
    ['/tenants/a/standard', { tenants: { a: { standard: '29d' } }, floor: '30d' }],
    ['/tenants/a/standard', { tenants: { a: { standard: { last: 9 } } }, floor: '30d' }],
    ['/floor', { floor: -1 }],
    ['/floor', { floor: 'forever' }],
  ])('refuses, naming %s: %j', (path, value) => {
    let refused: unknown
    try {
      readRetentionPolicy(value)
    } catch (error) {
      refused = error
    }
    expect(refused).toMatchObject({ code: 'ANNALS_INVALID', path })
  })

  it('takes a rule at the floor, and lets classes go below it', () => {
    const policy = { classes: { personal: DAY }, tenants: { a: { standard: 30 * DAY } }, floor: 30 * DAY }
    expect(readRetentionPolicy(policy)).toEqual(policy)
  })

  it('a name such as __proto__ is a name like any other', () => {
    const { tenants } = readRetentionPolicy(JSON.parse('{"tenants":{"__proto__":{"standard":60}}}'))
    expect(Object.keys(tenants)).toEqual(['__proto__'])
    expect(({} as { standard?: unknown }).standard).toBeUndefined()
  })
})

describe('the policy in force', () => {
  it('is shipped, then of the catalog, then laid down; and each class says from where', async () => {
    const catalog = createCatalog([], { open: true, retention: { personal: 30, payments: 3650 } })
    const trail = await newTrail('memory', { catalog })
    const inForce = () =>
      policyInForce(action => trail.events(`action:${action}`, { order: 'desc', includeLog: true }))
    expect(await inForce()).toEqual({
      classes: {
        standard: { rule: 180 * DAY, from: 'log.catalog' },
        security: { rule: 400 * DAY, from: 'log.catalog' },
        personal: { rule: 30 * DAY, from: 'log.catalog' },
        ledger: { rule: 'forever', from: 'log.catalog' },
        payments: { rule: 3650 * DAY, from: 'log.catalog' },
      },
      tenants: {},
      floor: 0,
    })
    const laid = { classes: { standard: DAY }, tenants: { a: { personal: 'forever' as const } }, floor: 60 }
    const set = await trail.perform(retentionPolicy, laid)
    expect(set.changed).toBe(true)
    expect(await inForce()).toEqual(set.policy)
    expect(set.policy).toMatchObject({
      classes: { standard: { rule: DAY, from: 'log.policy' }, payments: { from: 'log.catalog' } },
      tenants: laid.tenants,
      floor: 60,
      setBy: { index: expect.any(Number), at: expect.any(String) },
    })
    // The next one replaces it as a whole.
    const next = await trail.perform(retentionPolicy, { classes: { security: DAY }, tenants: {}, floor: 0 })
    expect(next.policy.classes['standard']).toEqual({ rule: 180 * DAY, from: 'log.catalog' })
    expect(next.policy.tenants).toEqual({})
  })

  it('the same policy again records nothing', async () => {
    const trail = await newTrail('memory')
    const laid = { classes: { standard: DAY }, tenants: {}, floor: 0 }
    await trail.perform(retentionPolicy, laid)
    expect(await trail.perform(retentionPolicy, laid)).toMatchObject({ changed: false })
    expect(await Array.fromAsync(trail.events('action:log.policy'))).toHaveLength(1)
  })

  it('refuses a class that nobody has', async () => {
    const trail = await newTrail('memory')
    await expect(
      trail.perform(retentionPolicy, { classes: {}, tenants: { a: { standrad: DAY } }, floor: 0 }),
    ).rejects.toMatchObject({ code: 'ANNALS_INVALID', path: '/tenants/a/standrad' })
  })
})

it.each([
  ['forever', 'for ever'],
  [{ last: 3 }, 'newest 3 of each subject'],
  [180 * DAY, '180 days'],
  [DAY, '1 day'],
  [7200, '2 hours'],
  [60, '1 minute'],
  [61, '61 seconds'],
] as const)('a rule %j reads "%s"', (rule, text) => {
  expect(ruleText(rule)).toBe(text)
})
