import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openReader, verifyDirectory } from 'annals'
import { expect, it } from 'vitest'

/** How often the process is killed; a campaign may ask for more. */
const KILLS = Number(process.env['KILLS'] ?? 5)
const LONG = 600_000

function start(dir: string, spool: string, first: string): ChildProcess {
  return fork(fileURLToPath(new URL('./recording-child.ts', import.meta.url)), [dir, spool, first], {
    execArgv: ['--conditions=annals-source', '--no-warnings=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

/** Everything that the spool holds, as it stands in its files. */
function textOf(spool: string): string {
  const names = readdirSync(spool).filter(name => name.endsWith('.ndjson'))
  return names.map(name => readFileSync(join(spool, name), 'utf8')).join('')
}

it(
  'a process that spools, killed at any moment, loses nothing that was acknowledged, records nothing twice, and keeps the order',
  async () => {
    const place = mkdtempSync(join(tmpdir(), 'annals-spooling-'))
    const [dir, spool] = [join(place, 'log'), join(place, 'spool')]
    const levels = new Map<number, string>()
    try {
      for (let nth = 0; nth < KILLS; nth += 1) {
        const child = start(dir, spool, String((nth + 1) * 1_000_000))
        let rest = ''
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          const lines = (rest + text).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            const [n = '', level = ''] = line.split(' ')
            levels.set(Number(n), level)
          }
        })
        const before = levels.size
        while (levels.size < before + 300) {
          expect(child.exitCode).toBeNull()
          await delay(20)
        }
        await delay(Math.random() * 500)
        child.kill('SIGKILL')
        await once(child, 'close')
        expect(textOf(spool)).not.toContain('canary')
      }
      const last = start(dir, spool, 'calm')
      const [code] = (await once(last, 'close')) as [number | null]
      expect(code).toBe(0)
      expect(textOf(spool)).toBe('')
      await using reader = await openReader({ dir })
      const events = await Array.fromAsync(reader.events('action:step'))
      const numbers = events.map(({ data }) => (data as { n: number }).n)
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
      const recorded = new Set(numbers)
      expect([...levels.keys()].filter(n => !recorded.has(n))).toEqual([])
      expect([...levels.values()]).toContain('queued')
      expect((await verifyDirectory(dir)).ok).toBe(true)
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  },
  LONG,
)
