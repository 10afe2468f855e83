import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openTrail } from '../../../trail/open-trail.ts'
import { layoutOf } from '../layout.ts'
import { segmentRef } from '../segment-file.ts'
import { SegmentWriter } from '../segment-writer.ts'
import { Segments } from './segments.ts'

function temporaryDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-segments-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

it('a reader sees what is written to a segment that it knew empty, that was removed after a crash, and begun again', async () => {
  const written = layoutOf(temporaryDirectory())
  const trail = await openTrail({ dir: written.dir })
  await trail.record('door.open')
  await trail.close()
  const [period] = readdirSync(written.chunks) as [string]

  const layout = layoutOf(temporaryDirectory())
  const ref = segmentRef(layout.chunks, period, 0)
  mkdirSync(dirname(ref.path), { recursive: true })
  await (await SegmentWriter.create(ref, 0)).close()
  const segments = new Segments(layout, undefined)
  expect(segments.refresh()).toBe(0)
  rmSync(ref.path)
  copyFileSync(segmentRef(written.chunks, period, 0).path, ref.path)
  expect(segments.refresh()).toBeGreaterThan(2)
  segments.close()
})
