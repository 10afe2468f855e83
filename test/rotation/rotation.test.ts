import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openReader, verifyDirectory } from 'annals'
import { it } from 'vitest'

// The system's own clock crosses the boundary: Debian's faketime moves it for one process, and it runs on from there.
const CHILD = new URL('./recording-child.ts', import.meta.url).pathname
const run = promisify(execFile)
const faketime = spawnSync('faketime', ['--version']).status === 0

it.concurrent.for([
  ['hour', '2026-11-21 13:59:50', ['2026-11-21_13', '2026-11-21_14']],
  ['day', '2026-12-31 23:59:50', ['2026-12-31', '2027-01-01']],
  ['month', '2028-02-29 23:59:50', ['2028-02', '2028-03']],
] as const)(
  'a chunk ends with the %s, by the real clock',
  async ([period, start, chunks], { expect, skip }) => {
    skip(!faketime, 'needs the program faketime (Debian package faketime)')
    await inDirectory(async dir => {
      const child = await run(
        'faketime',
        [
          '-f',
          `@${start}`,
          process.execPath,
          '--conditions=annals-source',
          '--no-warnings',
          CHILD,
          dir,
          period,
        ],
        { env: { ...process.env, TZ: 'UTC', FAKETIME_DONT_FAKE_MONOTONIC: '1' } },
      )
      expect(child.stderr).toBe('')
      expect(readdirSync(join(dir, 'chunks')).sort()).toEqual(chunks)

      await using reader = await openReader({ dir })
      const events = await Array.fromAsync(reader.events('action:rotation.tick'))
      expect(events.map(event => (event.data as { n: number }).n)).toEqual(
        Array.from({ length: 60 }, (_, n) => n),
      )
      const boundary = Date.parse(
        `${chunks[1].slice(0, 10)}${chunks[1].length === 7 ? '-01' : ''}T${chunks[1].slice(11) || '00'}:00:00Z`,
      )
      const [segment] = readdirSync(join(dir, 'chunks', chunks[1])).filter(name => name.endsWith('.seg'))
      const first = Number(segment?.slice(0, -4))
      for (const event of await Array.fromAsync(reader.events('', { includeLog: true }))) {
        expect(Date.parse(event.recordedAt) >= boundary).toBe(event.index >= first)
      }
      expect(await verifyDirectory(dir)).toMatchObject({ ok: true, findings: [] })
    })
  },
)

async function inDirectory(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-rotation-'))
  try {
    await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
