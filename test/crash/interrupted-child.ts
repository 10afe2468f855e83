/**
 * Begins operations without end and finishes every other one; tells each that stays open on stdout as `index id`, once its attempt is
 * stored. Killed from outside. argv is DIR.
 */
import fs from 'node:fs'
import { openTrail } from 'annals'

const [dir = ''] = process.argv.slice(2)
const trail = await openTrail({ dir })
for (let n = 0; ; n++) {
  const operation = await trail.begin('machine.delete', {
    actor: { type: 'user', id: 'u1' },
    tenant: 'acme',
    targets: [{ type: 'machine', id: `m${n}` }],
  })
  if (n % 2 === 0) await operation.finish('success')
  else fs.writeSync(1, `${operation.recorded.index} ${operation.id}\n`)
}
