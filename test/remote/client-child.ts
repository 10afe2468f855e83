import { writeSync } from 'node:fs'
import { openRemote } from 'annals/remote'

// A recording client with a spool, to be killed: `client-child.ts URL KEY SPOOL FIRST`. Writes the number of each event that was
// acknowledged, as it is acknowledged.
const [url = '', token = '', spool = '', first = '0'] = process.argv.slice(2)
const trail = await openRemote({ url, token, spool, onError: () => {} })
for (let n = Number(first); ; ) {
  await Promise.all(
    Array.from({ length: 1 + Math.floor(Math.random() * 40) }, async () => {
      const mine = n++
      await trail.record('machine.step', { data: { n: mine } })
      writeSync(1, `${mine}\n`)
    }),
  )
}
