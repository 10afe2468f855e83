import { describe, expect, it } from 'vitest'
import type { Store } from '../log/store.ts'
import { openMemory } from '../stores/memory/index.ts'
import { testStore } from './index.ts'

interface Planned {
  readonly theme: string
  readonly title: string
  readonly body: (() => Promise<void>) | undefined
}

/** A runner that only writes down what it is told. */
function planOf(
  options: Partial<Parameters<typeof testStore>[1]> = {},
  more: Pick<Parameters<typeof testStore>[0], 'afterAll'> = {},
): {
  planned: Planned[]
  report: ReturnType<typeof testStore>
} {
  const planned: Planned[] = []
  let theme = ''
  const record = (title: string, body: (() => Promise<void>) | undefined): void =>
    void planned.push({ theme, title, body })
  const runner = {
    describe(name: string, body: () => void) {
      theme = name
      body()
    },
    it: Object.assign((name: string, body: () => Promise<void>) => record(name, body), {
      skip: (name: string) => record(name, undefined),
    }),
    ...more,
  }
  const report = testStore(runner, {
    name: 'x',
    open: () => openMemory(),
    supports: { persistence: false },
    ...options,
  })
  return { planned, report }
}

/** The first law of a theme that a store breaks, and why. */
async function broken(theme: string, spoil: (store: Store) => void): Promise<string | undefined> {
  const { planned } = planOf({
    open: async () => {
      const store = await openMemory()
      spoil(store)
      return store
    },
  })
  for (const { title, body, ...of } of planned) {
    if (of.theme !== theme || body === undefined) continue
    try {
      await body()
    } catch (error) {
      return `${title}: ${error}`
    }
  }
  return undefined
}

function spoil<T, K extends keyof T>(object: T, name: K, replace: (method: T[K]) => T[K]): void {
  const method = object[name] as T[K] & { bind(to: T): T[K] }
  object[name] = replace(method.bind(object))
}

describe('testStore', () => {
  it('counts what it tests and what it skips, with the reason in the title', () => {
    const { planned, report } = planOf()
    expect(planned.filter(({ body }) => body !== undefined).length).toBe(report.laws)
    const skipped = planned.filter(({ body }) => body === undefined)
    expect(skipped.length).toBe(report.skipped.length)
    for (const { title } of skipped)
      expect(title).toContain('(skipped: the store does not support persistence)')
    expect(planOf({ supports: { persistence: true } }).report.skipped).toEqual([])
  })

  it('fails a store that claims what it does not support', async () => {
    const { planned } = planOf({ supports: { persistence: true } })
    await expect(planned[0]?.body?.()).rejects.toThrow()
  })

  it('opens fewer stores for a runner that says when a theme ends, and closes all', async () => {
    const opened: Store[] = []
    const closed = new Set<Store>()
    const after: (() => Promise<void>)[] = []
    const open = async (): Promise<Store> => {
      const store = await openMemory()
      opened.push(store)
      return { ...store, close: async () => void closed.add(store) }
    }
    const { planned } = planOf({ open }, { afterAll: body => after.push(body) })
    const shared = planned.filter(({ theme, body }) => theme === 'read' && body !== undefined)
    for (const { body } of shared) await body?.()
    expect([shared.length, opened.length, closed.size]).toEqual([5, 1, 0])
    // A law that fails leaves nothing to the next.
    const [store] = opened
    if (store !== undefined) spoil(store.log, 'append', () => () => Promise.reject(new Error('disk gone')))
    await expect(shared[0]?.body?.()).rejects.toThrow('disk gone')
    expect(closed.size).toBe(1)
    await shared[0]?.body?.()
    for (const close of after) await close()
    expect([opened.length, closed.size]).toEqual([2, 2])
  })

  const mutants: readonly (readonly [fault: string, theme: string, spoil: (store: Store) => void])[] = [
    [
      'appends anywhere',
      'append',
      ({ log }) =>
        spoil(log, 'append', append => batch => append({ ...batch, at: batch.at - (batch.at % 2) })),
    ],
    ['reads one too few', 'read', ({ log }) => spoil(log, 'read', read => (from, to) => read(from, to - 1))],
    [
      'gives wrong tiles',
      'tree',
      ({ log }) =>
        spoil(
          log,
          'hashes',
          hashes => async tile => (await hashes(tile)).map(byte => (tile.level === 1 ? byte ^ 1 : byte)),
        ),
    ],
    [
      'forgets who a person is',
      'keys',
      ({ keys }) =>
        spoil(
          keys,
          'subjectKeys',
          subjectKeys => persons =>
            subjectKeys(persons.map(({ type, id }) => ({ type, id: id.toLowerCase().slice(0, 8) }))),
        ),
    ],
    [
      'searches past the end',
      'find',
      ({ search }) =>
        spoil(
          search,
          'find',
          find => (asked, order, limit) => find({ ...asked, to: asked.to + 1 }, order, limit),
        ),
    ],
    [
      'shows its own events',
      'events of the log',
      ({ search }) =>
        spoil(
          search,
          'find',
          find => (asked, order, limit) => find({ ...asked, includeLog: true }, order, limit),
        ),
    ],
    [
      'counts its own events',
      'events of the log',
      ({ search }) =>
        spoil(search, 'count', count => (asked, by) => count({ ...asked, includeLog: true }, by)),
    ],
    [
      'counts a group twice',
      'count',
      ({ search }) =>
        spoil(search, 'count', count => async (asked, by) => {
          const { groupings, ...slice } = await count(asked, by)
          const twice = groupings.map(groups =>
            groups.map(group => ({ ...group, count: group.count + (group.count > 20 ? 1 : 0) })),
          )
          return { ...slice, groupings: twice }
        }),
    ],
    [
      'counts an event again in the next slice',
      'count',
      ({ search }) =>
        spoil(search, 'count', count => async (asked, by) => {
          const { rest, ...slice } = await count(asked, by)
          return { ...slice, rest: rest === undefined ? undefined : rest + 1 }
        }),
    ],
    [
      'finds the position after a time',
      'position',
      ({ search }) => spoil(search, 'positionAt', positionAt => time => positionAt(time + 1)),
    ],
    [
      'forgets keys',
      'position',
      ({ search }) => spoil(search, 'keyed', () => async keys => keys.map(() => undefined)),
    ],
  ]

  it.each(mutants)('fails a store that %s', async (_, theme, fault) => {
    expect(await broken(theme, fault)).toBeDefined()
  })

  it('fails no law of a sound store in these themes', async () => {
    for (const theme of ['append', 'read', 'keys', 'position'])
      expect(await broken(theme, () => {})).toBeUndefined()
  })
})
