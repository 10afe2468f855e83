/**
 * Records under a policy that spools into a log whose store fails, hangs and is slow, to be killed: `recording-child.ts DIR SPOOL FIRST`.
 * Writes the number of each event that was acknowledged, and how, as it is acknowledged. With `calm` instead of a number the store is
 * well, and it ends once nothing is spooled any more.
 */
import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { openTrail } from 'annals'
import { createPolicy } from 'annals/policy'
import { openEmbedded } from 'annals/stores/embedded'

const [dir = '', spool = '', first = ''] = process.argv.slice(2)
const store = await openEmbedded({ dir })
let fault = async (): Promise<void> => {}
const { log } = store
const append = log.append.bind(log)
log.append = async batch => {
  await fault()
  await append(batch)
}
const trail = await openTrail({
  store,
  capture: createPolicy({ defaults: { onUnavailable: 'spool', withinMs: 100 } }),
  spool: { dir: spool },
  waiting: { patienceMs: 1_000 },
  onError: () => {},
})
if (first === 'calm') {
  while (trail.spooledBytes > 0) await delay(10)
  await trail.close()
  process.exit()
}

const faults = [
  async () => {},
  async () => await delay(Math.random() * 80),
  async () => await delay(400 + Math.random() * 400),
  async () => {
    throw new Error('the disk is gone')
  },
]
// In turn well, and not.
let turn = 0
setInterval(() => {
  fault = faults[turn++ % 2 === 0 ? Math.floor(Math.random() * faults.length) : 0] as typeof fault
}, 250)
for (let n = Number(first); ; await delay(5)) {
  await Promise.all(
    Array.from({ length: 1 + Math.floor(Math.random() * 20) }, async () => {
      const mine = n++
      const draft = { data: { n: mine, password: 'canary' } }
      try {
        const { level } = await trail.record('step', draft)
        writeSync(1, `${mine} ${level}\n`)
      } catch {
        // Refused, as when the disk of the spool is too slow: nothing was acknowledged.
      }
    }),
  )
}
