/** Records every 50 ms for three seconds of the machine's clock, in whose middle an hour ends: argv is DIR PERIOD. */
import { setTimeout as delay } from 'node:timers/promises'
import { openTrail } from 'annals'

const [dir = '', period = 'day'] = process.argv.slice(2)
const trail = await openTrail({ dir, period: period as 'hour' | 'day' | 'month' })
const HOUR_MS = 3_600_000
await delay(Math.max(0, HOUR_MS - (Date.now() % HOUR_MS) - 1_500))
for (let n = 0; n < 60; n++) {
  await trail.record('rotation.tick', { actor: { type: 'user', id: `u${n % 7}` }, data: { n } })
  await delay(50)
}
await trail.close()
