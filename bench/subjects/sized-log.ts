import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Draft, openTrail } from 'annals'
import { sampleDrafts } from 'annals/testing'

/** Events of one call. */
const BATCH = 4_096

/**
 * The directory of a log of so many sample events. It is kept for the next run, since building ten million events takes minutes.
 *
 * @param name what it is for: who serves a log adds to it
 */
export async function sizedLog(name: string, size: number): Promise<string> {
  const dir = join(process.env['ANNALS_BENCH_DIR'] ?? tmpdir(), `annals-${name}-${size}`)
  if (existsSync(join(dir, 'annals.json'))) return dir
  mkdirSync(dir, { recursive: true })
  const trail = await openTrail({ dir })
  const begun = performance.now()
  let drafts: Draft[] = []
  let done = 0
  for (const draft of sampleDrafts({ count: size })) {
    drafts.push(draft)
    if (drafts.length < BATCH) continue
    await trail.recordAll(drafts)
    done += drafts.length
    drafts = []
    if (done % (100 * BATCH) === 0)
      process.stderr.write(`${done} events, ${Math.round((done / (performance.now() - begun)) * 1000)}/s\n`)
  }
  await trail.recordAll(drafts)
  await trail.close()
  return dir
}
