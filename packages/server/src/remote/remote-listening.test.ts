import { EventEmitter } from 'node:events'
import { openRemote } from 'annals/remote'
import { expect, it } from 'vitest'
import { serve } from '../testing/serve.ts'

it('what a remote trail hears is recorded in order; closing it removes the listeners and waits', async () => {
  await using server = await serve()
  const remote = await openRemote({ url: server.url, token: server.key })
  const emitter = new EventEmitter()
  const listening = remote.listen(emitter, { moved: (n: number) => ({ action: 'cart.move', data: { n } }) })
  for (let n = 0; n < 100; n++) emitter.emit('moved', n)
  await remote.close()
  expect([listening.recorded, listening.failed, listening.dropped]).toEqual([100, 0, 0])
  expect(emitter.listenerCount('moved')).toBe(0)
  const events = await Array.fromAsync(server.trail.events('action:cart.move'))
  expect(events.map(({ data }) => data)).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })))
})
