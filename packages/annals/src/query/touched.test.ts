import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../model/index.ts'
import { arbitraryEvent } from './events.test-support.ts'
import type { Field } from './field.ts'
import { FIELDS } from './fields.ts'
import { hide } from './hide.ts'

/** Everything that a mask, or the part `internal`, can take out of an event. */
const PLACES =
  'actor actor/name actor/credential actor/onBehalfOf origin origin/ip origin/userAgent origin/requestId origin/correlationId origin/component changes data tags description source backfill truncated notes outcome/code outcome/message outcome/durationMs targets topics tenant project'
    .split(' ')
    .map(place => `/${place}`)

describe('what fields say they look at', () => {
  it.each(FIELDS.map(field => [field.name, field] as const))('%s looks at nothing else', (_name, field) => {
    const reads = field.header === true ? [] : field.reads
    if (reads === undefined) return
    const others = PLACES.filter(place => !reads.some(read => covers(read, place) || covers(place, read)))
    fc.assert(
      fc.property(arbitraryEvent, event => {
        expect(valuesOf(field, hide(event, others).event)).toEqual(valuesOf(field, event))
      }),
      { numRuns: 200 },
    )
  })
})

function covers(a: string, b: string): boolean {
  return a === b || b.startsWith(`${a}/`)
}

function valuesOf(field: Field, event: AuditEvent): unknown {
  if (field.kind === 'flag') return field.flags.map(flag => flag.test(event))
  if ('number' in field) return field.number(event)
  const keys = field.keyed === undefined ? [''] : ['env', 'owner', 'spec.owner', 'a', '__proto__']
  return keys.flatMap(name => field.strings(event, { name, fold: true }))
}
