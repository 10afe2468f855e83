import { EventEmitter } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import type { Observer } from '../record/event-source.ts'
import { all, newTrail } from './trail.test-support.ts'

const moved = (place: string): { action: string; data: { place: string } } => ({
  action: 'cart.move',
  data: { place },
})

it('records what an EventEmitter, an EventTarget and an observable tell, in order', async () => {
  const trail = await newTrail('memory')
  const emitter = new EventEmitter()
  const target = new EventTarget()
  const observers: Observer[] = []
  const observable = {
    subscribe(observer: Observer) {
      observers.push(observer)
      return { unsubscribe: () => observers.pop() }
    },
  }
  const first = trail.listen(emitter, { moved, idle: () => undefined })
  trail.listen(target, { moved: (event: Event) => [moved(`${event.type} 1`), moved(`${event.type} 2`)] })
  trail.listen(observable, { next: moved })
  for (let n = 0; n < 50; n++) emitter.emit('moved', `emitter ${n}`)
  emitter.emit('idle')
  target.dispatchEvent(new Event('moved'))
  observers[0]?.next('observable')
  await first.close()
  expect([first.recorded, first.failed, first.dropped]).toEqual([50, 0, 0])
  expect(emitter.listenerCount('moved') + emitter.listenerCount('idle')).toBe(0)
  await trail.flush()
  expect((await all(trail.events())).map(({ data }) => (data as { place: string }).place)).toEqual([
    ...Array.from({ length: 50 }, (_, n) => `emitter ${n}`),
    'moved 1',
    'moved 2',
    'observable',
  ])
})

it('reports and counts converters that throw and drafts that are refused; the emitter is not told', async () => {
  const trail = await newTrail('memory')
  const errors: Error[] = []
  const emitter = new EventEmitter()
  const listening = trail.listen(
    emitter,
    {
      thrown: () => {
        throw new Error('no such job')
      },
      refused: () => ({ action: 'Not An Action' }),
      stored: () => moved('here'),
    },
    { onError: error => errors.push(error) },
  )
  for (const name of ['thrown', 'refused', 'stored']) emitter.emit(name)
  await listening.close()
  expect([listening.recorded, listening.failed]).toEqual([1, 2])
  expect(errors.map(error => (error as { code?: string }).code)).toEqual([undefined, 'ANNALS_INVALID'])
})

it('a converter that gives a promise fails, also when that rejects: nothing is left unhandled', async () => {
  const trail = await newTrail('memory')
  const errors: Error[] = []
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const emitter = new EventEmitter()
  const slow = (async () => {
    throw new Error('late')
  }) as never
  const listening = trail.listen(emitter, { slow, moved }, { onError: error => errors.push(error) })
  emitter.emit('slow')
  emitter.emit('moved', 'on')
  await listening.close()
  await new Promise(resolve => setImmediate(resolve))
  expect([listening.recorded, listening.failed, unhandled]).toEqual([1, 1, []])
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('gave a promise')])
})

it('listens to what gives an observable when it is asked by its well-known name', async () => {
  const trail = await newTrail('memory')
  let observer: Observer | undefined
  const observable = {
    subscribe(given: Observer) {
      observer = given
      return () => {
        observer = undefined
      }
    },
  }
  const listening = trail.listen({ '@@observable': () => observable }, { next: moved })
  observer?.next('observed')
  await listening.close()
  expect([listening.recorded, observer]).toEqual([1, undefined])
})

it('drops what is beyond the bound, says so once a run, and counts all', async () => {
  const trail = await newTrail('memory')
  const errors: Error[] = []
  const emitter = new EventEmitter()
  const listening = trail.listen(emitter, { moved }, { maxInFlight: 2, onError: error => errors.push(error) })
  for (let n = 0; n < 10; n++) emitter.emit('moved', `${n}`)
  await listening.close()
  expect([listening.recorded, listening.dropped]).toEqual([2, 8])
  expect(errors).toMatchObject([{ code: 'ANNALS_OVERLOADED' }])
  expect((await trail.count('action:cart.move')).total).toBe(2)
})

it('closing the trail removes the listeners and waits for what was heard', async () => {
  const trail = await newTrail('embedded')
  const emitter = new EventEmitter()
  const listening = trail.listen(emitter, { moved })
  for (let n = 0; n < 20; n++) emitter.emit('moved', `${n}`)
  await trail.close()
  expect(listening.recorded).toBe(20)
  expect(emitter.listenerCount('moved')).toBe(0)
  expect(() => trail.listen(emitter, { moved })).toThrow('closed')
})

it('refuses what is no source, and events that an observable has not', async () => {
  const trail = await newTrail('memory')
  expect(() => trail.listen({} as never, { moved })).toThrow('no EventTarget')
  expect(() => trail.listen({ subscribe: () => {} }, { moved })).toThrow('no event "moved"')
  expect(() => trail.listen(new EventEmitter(), {})).toThrow('no event is named')
})
