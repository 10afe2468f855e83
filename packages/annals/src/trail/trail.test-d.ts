import { EventEmitter } from 'node:events'
import { expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type Catalog, catalog, defineEvent } from '../catalog/index.ts'
import type { Measured } from '../measure/index.ts'
import type { AuditEvent } from '../model/index.ts'
import type { Operation, Recorded } from '../record/recorded.ts'
import type { LocalTrail } from './local-trail.ts'
import type { openReader } from './open-reader.ts'
import type { openTrail } from './open-trail.ts'
import type { EventStream, Trail, TrailReader } from './trail.ts'

const types = catalog(
  defineEvent('machine.delete', { data: z.object({ force: z.boolean() }) }),
  defineEvent('machine.stop'),
)
declare const trail: Trail<typeof types>
declare const anyTrail: Trail

it('T49: nothing in the public interface changes or removes an event', () => {
  type Verbs =
    | 'update'
    | 'delete'
    | 'remove'
    | 'set'
    | 'put'
    | 'patch'
    | 'edit'
    | 'truncate'
    | 'clear'
    | 'rewrite'
  expectTypeOf<Extract<keyof Trail, Verbs>>().toEqualTypeOf<never>()
  expectTypeOf<keyof TrailReader>().toEqualTypeOf<
    | (
        | 'events'
        | 'find'
        | 'count'
        | 'metric'
        | 'metrics'
        | 'get'
        | 'receipt'
        | 'checkpoint'
        | 'catalog'
        | 'verify'
        | 'size'
        | 'describe'
        | 'close'
      )
    | typeof Symbol.asyncDispose
  >()
  expectTypeOf<Exclude<keyof Trail, keyof TrailReader>>().toEqualTypeOf<
    'capture' | 'record' | 'recordAll' | 'begin' | 'wrap' | 'within' | 'listen' | 'flush' | 'perform'
  >()
  expectTypeOf<keyof Operation>().toEqualTypeOf<'id' | 'recorded' | 'finish'>()
  const event = {} as AuditEvent
  // @ts-expect-error events are immutable
  event.action = 'x'
  // @ts-expect-error so are their members
  event.actor.id = 'x'
})

it('T1 T3: record, begin and wrap take the actions and data of the catalog', () => {
  expectTypeOf(trail.record('machine.stop')).resolves.toEqualTypeOf<Recorded>()
  void trail.record('machine.delete', { data: { force: true } })
  // @ts-expect-error no such action
  void trail.record('machine.delte', {})
  // @ts-expect-error data is required
  void trail.record('machine.delete')
  // @ts-expect-error wrong member
  void trail.begin('machine.delete', { data: { force: 'yes' } })
  // @ts-expect-error no such field
  void trail.record('machine.stop', { targts: [] })
  expectTypeOf(
    trail.wrap('machine.delete', { data: { force: true } }, () => 5),
  ).resolves.toEqualTypeOf<number>()
  expectTypeOf(trail.wrap('machine.stop', {}, async () => 'x')).resolves.toEqualTypeOf<string>()
  void anyTrail.record('anything', { data: 1 })
})

it('a trail opened with a catalog is typed by it; a reader cannot record', () => {
  expectTypeOf<typeof openTrail<typeof types>>().returns.resolves.toEqualTypeOf<LocalTrail<typeof types>>()
  expectTypeOf<typeof openReader>().returns.resolves.toEqualTypeOf<TrailReader>()
  expectTypeOf<TrailReader>().not.toHaveProperty('record')
  expectTypeOf<Trail<Catalog>>().toExtend<TrailReader>()
  expectTypeOf<EventStream['toStream']>().returns.toEqualTypeOf<ReadableStream<AuditEvent>>()
})

it('a metric answers with what its name says, and takes its own options', () => {
  expectTypeOf(trail.metric('operations')).resolves.toHaveProperty('value').toHaveProperty('total')
  expectTypeOf(trail.metric('rolling', { every: 60_000, over: 3 })).resolves.toEqualTypeOf<
    Measured<'rolling'>
  >()
  expectTypeOf(trail.metrics('rate', { per: 'day' })).toExtend<AsyncIterable<Measured<'rate'>>>()
  // @ts-expect-error no such metric
  void trail.metric('operation')
  // @ts-expect-error an option of another metric
  void trail.metric('operations', { per: 'day' })
  // @ts-expect-error instants are dates
  void trail.metric('rate', { from: '2026-11-21' })
})

it('listen knows the events of a typed emitter', () => {
  const emitter = new EventEmitter<{ moved: [place: string, at: number]; idle: [] }>()
  trail.listen(emitter, {
    moved: (place, at) => {
      expectTypeOf(place).toEqualTypeOf<string>()
      expectTypeOf(at).toEqualTypeOf<number>()
      return { action: 'cart.move', data: { place, at } }
    },
  })
  const untyped = new EventEmitter()
  trail.listen(untyped, { moved: (place: string) => ({ action: 'cart.move', data: { place } }) })
  trail.listen(new EventTarget(), { moved: (event: Event) => ({ action: event.type }) })
})

it('within gives what its work gives', () => {
  expectTypeOf(trail.within({ tenant: 't' }, () => 5)).toEqualTypeOf<number>()
  // @ts-expect-error an action is not ambient
  trail.within({ action: 'x' }, () => 5)
})
