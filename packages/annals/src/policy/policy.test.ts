import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnnalsError, OUTCOME_RESULTS } from '../model/index.ts'
import {
  checkPolicy,
  createPolicy,
  type PolicyDefinition,
  type Rule,
  type Subject,
  subjectOf,
} from './index.ts'

const SEGMENTS = ['v1', 'machine', 'free', 'find'] as const
const segment = fc.constantFrom(...SEGMENTS)
const path = fc.array(segment, { minLength: 1, maxLength: 4 })
const wanted = fc.array(fc.constantFrom(...SEGMENTS, '*', '**'), { minLength: 1, maxLength: 4 })
const outcome = fc.constantFrom(...OUTCOME_RESULTS)
const ref = fc.record({ type: fc.constantFrom('user', 'key'), id: fc.constantFrom('a', 'ab', 'b') })
const refPattern = fc.constantFrom('user', 'key/a', 'user/a*', '*', '*/b')

const subject: fc.Arbitrary<Subject> = fc.record(
  {
    method: fc.constantFrom('GET', 'POST', 'delete'),
    route: path.map(segments => `/${segments.join('/')}`),
    action: path.map(segments => segments.join('.')),
    actor: ref,
    targets: fc.array(ref, { maxLength: 3 }),
    tenant: fc.constantFrom('acme', 'acme-dev'),
    outcome,
  },
  { requiredKeys: [] },
)

const match = fc.record(
  {
    method: fc.constantFrom<string | string[]>('get', ['POST', 'DELETE'], '*'),
    route: wanted.map(segments => `/${segments.join('/')}`),
    action: wanted.map(segments => segments.join('.')),
    actor: refPattern,
    target: fc.array(refPattern, { minLength: 1, maxLength: 2 }),
    tenant: fc.constantFrom('acme', 'acme*', '*'),
    outcome: fc.array(outcome, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
)

describe('the reference', () => {
  test('the first rule whose match fits decides, and names itself', () => {
    fc.assert(
      fc.property(fc.array(match, { maxLength: 5 }), subject, (matches, given) => {
        const rules: Rule[] = matches.map((one, n) => ({ name: `r${n}`, match: one }))
        const first = matches.findIndex(one => fitsReference(one, given))
        expect(createPolicy({ rules }).decide(given).rule).toBe(first < 0 ? 'otherwise' : `r${first}`)
      }),
      { numRuns: 500 },
    )
  })

  test('the same subject gets the same decision, and neither it nor the rules can be changed', () => {
    const policy = createPolicy({ rules: [{ name: 'a', match: { action: 'a' } }] })
    const decision = policy.decide({ action: 'a' })
    expect(policy.decide({ action: 'a' })).toBe(decision)
    expect(Object.isFrozen(decision)).toBe(true)
  })
})

describe('whole segments', () => {
  test.each([
    ['**/find', '/v1/machine/find', true],
    ['**/find', '/find', true],
    ['**/find', '/v1/machine/find/', true],
    ['**/find', '/v1/machine/find?x=1', true],
    ['**/find', '/v1/machine/pathfind', false],
    ['**/find', '/v1/find/x', false],
    ['**/find', '/v1/machine?x=/find', false],
    ['/v1/machine/{id}', '/v1/machine/:id', true],
    ['/v1/machine/{id}', '/v1/machine', false],
    ['/v1/machine/{id}', '/v1/machine/1/2', false],
    ['/v1/**/free', '/v1/free', true],
    ['/v1/**/free', '/v1/a/free/b/free', true],
    ['/v1/machine', '/v1/machines', false],
  ])('route %s, %s: %s', (route, given, fits) => {
    const policy = createPolicy({ rules: [{ name: 'r', match: { route } }] })
    expect(policy.decide({ route: given }).rule === 'r').toBe(fits)
  })

  test.each([
    ['machine.**', 'machine', true],
    ['machine.**', 'machine.nic.add', true],
    ['machine.*', 'machine.nic.add', false],
    ['machine', 'machine.delete', false],
    ['machine.**', 'machines.delete', false],
  ])('action %s, %s: %s', (action, given, fits) => {
    const policy = createPolicy({ rules: [{ name: 'r', match: { action } }] })
    expect(policy.decide({ action: given }).rule === 'r').toBe(fits)
  })

  test('a service is found by its last name with any package, not by the end of its text', () => {
    const policy = createPolicy({
      rules: [{ name: 'r', match: { service: '**.BootService', rpc: 'Register' } }],
    })
    expect(policy.decide({ service: 'api.v1.BootService', rpc: 'Register' }).rule).toBe('r')
    expect(policy.decide({ service: 'api.v1.ReBootService', rpc: 'Register' }).rule).toBe('otherwise')
    expect(policy.decide({ service: 'api.v1.BootService', rpc: 'RegisterAll' }).rule).toBe('otherwise')
  })
})

test('a rule without a treatment takes that of the policy, and the shipped one', () => {
  const { decisions } = createPolicy({
    defaults: { onUnavailable: 'spool', withinMs: 200 },
    rules: [
      { name: 'a', withinMs: 50, capture: 'metadata' },
      { name: 'b', phases: 'single', await: 'queued', onUnavailable: 'drop' },
    ],
  })
  expect(decisions).toEqual([
    {
      rule: 'a',
      capture: 'metadata',
      phases: 'operation',
      await: 'stored',
      onUnavailable: 'spool',
      withinMs: 50,
    },
    { rule: 'b', capture: 'full', phases: 'single', await: 'queued', onUnavailable: 'drop', withinMs: 200 },
    {
      rule: 'otherwise',
      capture: 'full',
      phases: 'operation',
      await: 'stored',
      onUnavailable: 'spool',
      withinMs: 200,
    },
  ])
})

test('the request of an event is in its tags', () => {
  const tags = {
    'http.request.method': 'POST',
    'http.route': '/v1/machine/{id}',
    'rpc.service': 'S',
    'rpc.method': 'M',
  }
  const event = {
    action: 'a',
    actor: { type: 'user', id: 'u' },
    targets: [],
    outcome: { result: 'denied' },
    tags,
  } as const
  expect(subjectOf(event)).toMatchObject({
    method: 'POST',
    route: '/v1/machine/{id}',
    service: 'S',
    rpc: 'M',
    outcome: 'denied',
  })
})

describe('mistakes', () => {
  test.each<readonly [unknown, readonly string[]]>([
    ['text', ['']],
    [{ rule: [] }, ['/rule']],
    [{ version: 2 }, ['/version']],
    [{ preset: 'mutate' }, ['/preset']],
    [{ rules: {} }, ['/rules']],
    [{ rules: [{ match: {} }] }, ['/rules/0/name']],
    [{ rules: [{ name: 'a' }, { name: 'a' }] }, ['/rules/1/name']],
    [{ rules: [{ name: 'otherwise' }] }, ['/rules/0/name']],
    [{ rules: [{ name: 'a', captur: 'none' }] }, ['/rules/0/captur']],
    [{ rules: [{ name: 'a', capture: 'some', withinMs: 0 }] }, ['/rules/0/capture', '/rules/0/withinMs']],
    [{ rules: [{ name: 'a', match: { methods: 'GET' } }] }, ['/rules/0/match/methods']],
    [{ rules: [{ name: 'a', match: { method: [] } }] }, ['/rules/0/match/method']],
    [
      { rules: [{ name: 'a', match: { route: ['/a', 'b', '/c//d', '/e?f'] } }] },
      ['1', '2', '3'].map(n => `/rules/0/match/route/${n}`),
    ],
    [{ rules: [{ name: 'a', match: { outcome: 'failed' } }] }, ['/rules/0/match/outcome']],
    [{ rules: [{ name: 'a', match: { actor: 'us*er/1' } }] }, ['/rules/0/match/actor']],
    [{ otherwise: { name: 'x' } }, ['/otherwise/name']],
    [{ mask: { names: { pin: 'hide' } } }, ['/mask/names/pin']],
    [{ mask: { classes: { drop: 'hash' } } }, ['/mask/classes/drop']],
    [
      { mask: { events: [{ action: 'a', pointers: { '/index': 'drop', '/data/x': 'secret' } }] } },
      ['/mask/events/0/pointers/~1data~1x', '/mask/events/0/pointers/~1index'],
    ],
    [{ mask: { names: { note: { truncate: -1 } } } }, ['/mask/names/note/truncate']],
    [JSON.parse('{"__proto__": 1}'), ['/__proto__']],
  ])('%j', (definition, paths) => {
    expect(
      checkPolicy(definition)
        .map(issue => issue.path)
        .sort(),
    ).toEqual([...paths].sort())
    expect(() => createPolicy(definition as PolicyDefinition)).toThrow(AnnalsError)
  })

  test('an unknown key is told with its place and the nearest known one', () => {
    try {
      createPolicy({ rules: [{ name: 'a', captur: 'none' } as unknown as Rule] })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ANNALS_INVALID',
        path: '/rules/0/captur',
        hint: "did you mean 'capture'?",
      })
    }
  })

  test('whatever is given, only mistakes are told', () => {
    fc.assert(
      fc.property(fc.anything(), given => {
        for (const definition of [
          given,
          { rules: [given] },
          { mask: given },
          { rules: [{ name: 'a', match: given }] },
        ])
          expect(Array.isArray(checkPolicy(definition))).toBe(true)
      }),
    )
  })
})

type GivenMatch = NonNullable<Rule['match']>

/** The rules of matching once more, by regular expressions. */
function fitsReference(one: Partial<GivenMatch>, given: Subject): boolean {
  const list = (value: string | readonly string[]): readonly string[] =>
    typeof value === 'string' ? [value] : value
  const any = (
    value: string | readonly string[] | undefined,
    of: string | undefined,
    form: (text: string) => RegExp,
  ) => value === undefined || (of !== undefined && list(value).some(text => form(text).test(of)))
  const text = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i')
  const segments =
    (separator: string) =>
    (pattern: string): RegExp => {
      const parts = pattern.split(separator).filter(part => part !== '')
      const form = parts
        .map(part => (part === '**' ? '(?:[^ ]+ )*' : part === '*' ? '[^ ]+ ' : `${part} `))
        .join('')
      return new RegExp(`^${form}$`)
    }
  const spaced = (value: string | undefined, separator: string): string | undefined =>
    value
      ?.split(separator)
      .filter(part => part !== '')
      .map(part => `${part} `)
      .join('')
  const named = (pattern: string): RegExp => text(pattern.includes('/') ? pattern : `${pattern}/*`)
  const refText = (value: { type: string; id: string } | undefined): string | undefined =>
    value === undefined ? undefined : `${value.type}/${value.id}`
  return (
    any(one.method, given.method, text) &&
    any(one.route, spaced(given.route, '/'), segments('/')) &&
    any(one.action, spaced(given.action, '.'), segments('.')) &&
    any(one.actor, refText(given.actor), named) &&
    (one.target === undefined ||
      (given.targets ?? []).some(target => any(one.target, refText(target), named))) &&
    any(one.tenant, given.tenant, text) &&
    any(one.outcome, given.outcome, text)
  )
}
