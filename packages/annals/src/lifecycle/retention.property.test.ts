import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import type { Trail } from '../trail/trail.ts'
import { clocksAt } from './clocked.test-support.ts'
import { hold } from './hold.ts'
import { retentionPlan, retentionRun } from './retention-acts.ts'
import type { RetentionPolicy } from './retention-policy.ts'
import { retentionPolicy } from './retention-policy-act.ts'
import type { RetentionRule } from './retention-rule.ts'

const DAY = 86_400_000
const START = Date.parse('2026-01-01T12:00:00Z')

interface Given {
  readonly n: number
  readonly day: number
  readonly class: string
  readonly tenant: string | undefined
  readonly machine: string
}

const CLASSES = ['standard', 'personal', 'security']
const TENANTS = ['a', 'b']

const rule: fc.Arbitrary<RetentionRule> = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map(days => days * 86_400),
  fc.constant<RetentionRule>('forever'),
  fc.integer({ min: 1, max: 3 }).map(last => ({ last })),
)
const rules = fc.dictionary(fc.constantFrom(...CLASSES), rule)
const policy: fc.Arbitrary<RetentionPolicy> = fc.record({
  classes: rules,
  tenants: fc.dictionary(fc.constantFrom(...TENANTS), rules),
  floor: fc.constant(0),
})
const events: fc.Arbitrary<readonly Given[]> = fc
  .array(
    fc.record({
      day: fc.integer({ min: 0, max: 7 }),
      class: fc.constantFrom(...CLASSES),
      tenant: fc.constantFrom(undefined, ...TENANTS),
      machine: fc.constantFrom('m0', 'm1', 'm2'),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map(list => list.sort((a, b) => a.day - b.day).map((one, n) => ({ ...one, n })))

/** What goes, by definition: the rule applied to every event by itself. */
function expectedGone(
  list: readonly Given[],
  laid: RetentionPolicy,
  at: number,
  held: string | undefined,
): number[] {
  const shipped: Record<string, number> = { standard: 180, personal: 90, security: 400 }
  return list
    .filter(one => {
      const own = one.tenant === undefined ? undefined : laid.tenants[one.tenant]?.[one.class]
      const kept = own ?? laid.classes[one.class] ?? (shipped[one.class] as number) * 86_400
      if (one.machine === held || kept === 'forever') return false
      // The period of its chunk must be over.
      if (Math.floor(at / DAY) <= Math.floor(START / DAY) + one.day) return false
      if (typeof kept === 'number') return START + one.day * DAY + kept * 1_000 <= at
      const same = (other: Given): boolean =>
        other.class === one.class && other.tenant === one.tenant && other.machine === one.machine
      return list.filter(other => other.n > one.n && same(other)).length >= kept.last
    })
    .map(({ n }) => n)
}

async function numbersLeft(trail: Trail): Promise<number[]> {
  const left = await Array.fromAsync(trail.events('action:machine.start'))
  return left.map(({ data }) => (data as { n: number }).n)
}

it('T51: a run removes what the plan said, and both what the rules say of each event', async () => {
  await fc.assert(
    fc.asyncProperty(
      events,
      policy,
      fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(undefined, 'm0', 'm1'),
      async (list, laid, runs, held) => {
        const clocks = clocksAt('2026-01-01T12:00:00Z')
        await using trail = await openTrail({ store: await openMemory(), clocks, sealing: 'manual' })
        for (const { n, day, class: retention, tenant, machine } of list) {
          clocks.to(new Date(START + day * DAY).toISOString())
          await trail.record('machine.start', {
            ...(tenant === undefined ? {} : { tenant }),
            retention,
            targets: [{ type: 'machine', id: machine }],
            data: { n },
          })
        }
        await trail.perform(retentionPolicy, laid)
        if (held !== undefined)
          await trail.perform(hold, { hold: 'h', reason: 'r', query: `target:machine/${held}` })
        const gone = new Set<number>()
        for (const days of runs.sort((a, b) => a - b)) {
          const at = START + (7 + days) * DAY
          clocks.to(new Date(Math.max(at, clocks.wall())).toISOString())
          const before = await numbersLeft(trail)
          const plan = await trail.perform(retentionPlan, {})
          expect(await numbersLeft(trail)).toEqual(before)
          const run = await trail.perform(retentionRun, { at: plan.at, plan: plan.plan })
          const after = await numbersLeft(trail)
          for (const n of expectedGone(list, laid, clocks.wall(), held)) gone.add(n)
          expect(after).toEqual(list.map(({ n }) => n).filter(n => !gone.has(n)))
          expect(before.length - after.length).toBe(plan.entries)
          expect(run).toMatchObject({ removals: plan.removals, entries: plan.entries, plan: plan.plan })
          expect(await trail.perform(retentionPlan, {})).toMatchObject({ entries: 0 })
        }
      },
    ),
    { numRuns: 60 },
  )
})
