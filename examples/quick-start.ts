// The smallest use: open a directory, record, find, check.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTrail } from 'annals'

const dir = await mkdtemp(join(tmpdir(), 'annals-quick-start-'))
try {
  await using trail = await openTrail({ dir })

  // Resolves when the event is on disk, with its position.
  const { id, index } = await trail.record('machine.delete', {
    actor: { type: 'user', id: 'u-17', name: 'alice' },
    targets: [{ type: 'machine', id: 'web-3' }],
    outcome: 'denied',
  })
  console.log(`recorded ${id} at position ${index}`)

  const { events } = await trail.find('target:web-3 is:failed')
  assert.deepEqual(
    events.map(event => event.id),
    [id],
  )
  for (const event of events) console.log(`${event.occurredAt}  ${trail.describe(event)}`)

  const report = await trail.verify()
  assert.equal(report.ok, true)
  console.log(report.claim)
} finally {
  await rm(dir, { recursive: true, force: true })
}
