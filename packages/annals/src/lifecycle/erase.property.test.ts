import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AnnalsError } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { erase, hold, release } from './index.ts'
import { provableParts } from './provable.test-support.ts'

const PERSONS = ['alice-1', 'bob-22', 'carol-333'].map(id => ({ type: 'user', id }))
const basis = 'GDPR Art. 17'

const person = fc.nat({ max: PERSONS.length - 1 })
const STEP = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      actor: fc.option(person),
      target: fc.option(person),
      mention: fc.option(person),
      security: fc.boolean(),
    }),
  },
  fc.record({
    do: fc.constant('erase' as const),
    persons: fc.uniqueArray(person, { minLength: 1 }),
    except: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('redact' as const),
    at: fc.nat(),
    part: fc.constantFrom('who', 'what', undefined),
  }),
  fc.record({
    do: fc.constant('hold' as const),
    query: fc.constantFrom('action:a.even', 'action:a.odd'),
    person: fc.option(person),
  }),
  fc.record({ do: fc.constant('release' as const), nth: fc.nat() }),
)

/** A part as the model knows it: whom it is about, and whether it was erased. */
interface Part {
  readonly index: number
  readonly name: string
  readonly about: ReadonlySet<number>
  /** Whose keys it has: a text that only names somebody has none. */
  readonly keyed: number | null
  gone: boolean
}

it('erasing, redacting, holding and releasing in any order: what must be gone is gone for ever, and all else is proved', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 4, maxLength: 24 }), async steps => {
      const store = await openMemory()
      const trail = await openTrail({ store })
      const parts: Part[] = []
      const actions = new Map<number, string>()
      const holds = new Map<string, (part: Part) => boolean>()
      let names = 0
      const isHeld = (part: Part): boolean => [...holds.values()].some(keeps => keeps(part))
      const attempt = async (due: readonly Part[], except: boolean, request: object): Promise<void> => {
        const held = due.filter(isHeld)
        const result = await trail
          .perform(erase, { ...request, basis, exceptHeld: except } as never)
          .catch(error => error as AnnalsError)
        if (result instanceof AnnalsError) {
          expect([result.code, except]).toEqual(['ANNALS_HELD', false])
          return
        }
        if (!except) expect(held).toEqual([])
        expect([result.parts, result.held]).toEqual([due.length - held.length, held.length])
        for (const part of due) if (!held.includes(part)) part.gone = true
      }
      for (const step of steps) {
        if (step.do === 'record') {
          const action = names % 2 === 0 ? 'a.even' : 'a.odd'
          const { index } = await trail.record(action, {
            retention: step.security ? 'security' : 'standard',
            ...(step.actor === null ? {} : { actor: PERSONS[step.actor] as never }),
            ...(step.target === null ? {} : { targets: [PERSONS[step.target] as never] }),
            ...(step.mention === null ? {} : { data: { note: `for ${PERSONS[step.mention]?.id}` } }),
          })
          actions.set(index, action)
          const whole = (given: readonly (number | null)[]): ReadonlySet<number> =>
            new Set(given.filter(one => one !== null))
          parts.push({
            index,
            name: 'what',
            about: whole([step.target, step.mention]),
            keyed: step.target,
            gone: false,
          })
          parts.push({ index, name: 'who', about: whole([step.actor]), keyed: step.actor, gone: false })
          names++
        } else if (step.do === 'erase') {
          const due = parts.filter(part => !part.gone && step.persons.some(one => part.about.has(one)))
          await attempt(due, step.except, { persons: step.persons.map(one => PERSONS[one]) })
        } else if (step.do === 'redact') {
          const at = [...actions.keys()][step.at % Math.max(1, actions.size)]
          if (at === undefined) continue
          const due = parts.filter(
            part => !part.gone && part.index === at && (step.part ?? part.name) === part.name,
          )
          await attempt(due, true, {
            events: [at],
            ...(step.part === undefined ? {} : { parts: [step.part] }),
          })
        } else if (step.do === 'hold') {
          const name = `hold ${names++}`
          await trail.perform(hold, {
            hold: name,
            reason: 'r',
            ...(step.person === null ? { query: step.query } : { person: PERSONS[step.person] as never }),
          })
          const about = (index: number): boolean =>
            parts.some(part => part.index === index && !part.gone && part.keyed === step.person)
          holds.set(name, part =>
            step.person === null ? `action:${actions.get(part.index)}` === step.query : about(part.index),
          )
        } else {
          const name = [...holds.keys()][step.nth % Math.max(1, holds.size)]
          if (name === undefined) continue
          await trail.perform(release, { hold: name, reason: 'r' })
          holds.delete(name)
        }
      }
      const { wrong, shredded } = await provableParts(store)
      expect(wrong).toEqual([])
      expect(shredded).toEqual(parts.filter(part => part.gone).map(part => `${part.index}/${part.name}`))
      await trail.close()
    }),
    { numRuns: 60 },
  )
})
