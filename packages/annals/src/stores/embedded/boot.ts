import { readFileSync } from 'node:fs'
import { readIfThere, replaceFile } from './files.ts'
import type { Layout } from './layout.ts'

/** What a writer leaves behind for the next one. */
export interface WriterState {
  /** Openings for writing so far; part of the source name. */
  readonly boot: number
  /** Identity of the running operating system at that opening. */
  readonly machineBoot: string
  /** Set by `close`: nothing needs mending. */
  readonly clean: boolean
}

/** Changes with every start of the operating system; empty where that cannot be told. */
export function machineBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** The state the last writer left; undefined for a new log. */
export async function readWriterState(layout: Layout): Promise<WriterState | undefined> {
  const bytes = await readIfThere(layout.state)
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as WriterState)
}

export async function saveWriterState(layout: Layout, state: WriterState): Promise<void> {
  await replaceFile(layout.state, `${JSON.stringify(state)}\n`)
}
