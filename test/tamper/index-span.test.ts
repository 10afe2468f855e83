import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openTrail, verifyDirectory } from 'annals'
import { afterAll, expect, test } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'annals-span-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('an open index whose block leaves out a time is found by verify --deep, with the position', async () => {
  const trail = await openTrail({ dir })
  const drafts = Array.from({ length: 200 }, (_, n) => ({
    action: 'a.b',
    occurredAt: 1_700_000_000_000 + n * 60_000,
  }))
  await trail.recordAll(drafts)
  const window = 'during:2023-11-14T22:20..2023-11-14T23:00'
  const { total } = await trail.count(window)
  expect(total).toBeGreaterThan(30)
  expect((await trail.find(window, { limit: 1000 })).events.length).toBe(total)
  await trail.close()
  expect(await verifyDirectory(dir, { deep: true })).toMatchObject({ ok: true, findings: [] })

  const [chunk = ''] = readdirSync(join(dir, 'chunks'))
  const index = new DatabaseSync(join(dir, 'chunks', chunk, '000000000000.idx'))
  index.exec('UPDATE place SET newest = oldest WHERE block = 2')
  index.close()
  const { ok, findings } = await verifyDirectory(dir, { deep: true })
  expect({ ok, findings }).toMatchObject({ ok: false, findings: [{ code: 'E_INDEX_DRIFT', index: 64 }] })
})
