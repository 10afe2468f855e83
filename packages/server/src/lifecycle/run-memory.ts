import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import type { LastRun } from './last-run.ts'

/** What is known of runs before this start. */
export interface KnownRuns {
  /** Since when runs are noted, ISO 8601 UTC. */
  readonly since: string
  readonly runs: Readonly<Record<string, LastRun>>
}

/** Where the last runs are noted, so that one that was missed is made up for. */
export interface RunMemory {
  load(): Promise<KnownRuns>
  save(runs: KnownRuns['runs']): Promise<void>
}

const instant = z.iso.datetime()
const knownSchema = z.object({
  v: z.literal(1),
  since: instant,
  runs: z.record(
    z.string(),
    z.object({
      begun: instant,
      ended: instant,
      outcome: z.enum(['done', 'partly', 'failed']),
      code: z.string().optional(),
      counts: z.record(z.string(), z.number()).optional(),
    }),
  ),
})

/** Notes runs in a file, replaced as a whole. One that is damaged or lost costs the memory of runs, and nothing else. */
export function runFile(path: string, now: () => number = Date.now): RunMemory {
  let since = new Date(now()).toISOString()
  const save = async (runs: KnownRuns['runs']): Promise<void> => {
    await writeFile(`${path}.tmp`, `${JSON.stringify({ v: 1, since, runs }, undefined, 1)}\n`, {
      mode: 0o640,
    })
    await rename(`${path}.tmp`, path)
  }
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => undefined)
      const known = text === undefined ? undefined : knownSchema.safeParse(parsed(text)).data
      if (known !== undefined) {
        since = known.since
        return known as KnownRuns
      }
      await save({}).catch(() => {})
      return { since, runs: {} }
    },
    save,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
