import { it } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import { openRemote } from 'annals/remote'
import { serve } from './testing/serve.ts'
it('t', async () => {
  const t0 = performance.now(); const t = (s: string) => console.log(s, Math.round(performance.now() - t0))
  const server = await serve()
  const remote = await openRemote({ url: server.url, token: server.key })
  await server.trail.recordAll([{ action: 'a' }, { action: 'a' }, { action: 'a' }])
  t('start')
  await Array.fromAsync(remote.events('action:a', { follow: true, limit: 2 })); t('limit 2')
  await Array.fromAsync(remote.events('', { follow: true, limit: 0 })); t('limit 0')
  await Array.fromAsync(remote.events('action:a', { follow: true, seekEnd: new Date(Date.now() - 1) })); t('past')
  const reading = remote.events('action:b', { follow: true })[Symbol.asyncIterator]()
  const waiting = reading.next(); await delay(50); await reading.return?.(); await waiting; t('returned')
  const open2 = remote.events('action:b', { follow: true })[Symbol.asyncIterator]().next()
  await delay(50); await remote.close(); t('closed'); await open2; t('open2')
  await server.close(); t('server closed')
})
