import { readFileSync } from 'node:fs'
import { readIfThere, replaceFile } from './files.ts'
import type { Layout } from './layout.ts'
import { listSegments } from './segment-file.ts'

/** What a writer leaves behind for the next one. */
export interface WriterState {
  /** Openings for writing so far; part of the source name. */
  readonly boot: number
  /** Identity of the running operating system at that opening. */
  readonly machineBoot: string
  /** Set by `close`: nothing needs mending. */
  readonly clean: boolean
  /** Authorities below this position have been carried out on the content. */
  readonly applied: number
}

/** Changes with every start of the operating system; empty where that cannot be told. */
export function machineBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Whether search indexes that were left open can be believed: the last writer closed them durably, or the operating system
 * that holds what it wrote still runs. Otherwise pages of them may be missing, and nothing in them would say so.
 */
export function trustsOpenIndexes(state: WriterState | undefined, runs: string): boolean {
  return state?.clean === true || (state !== undefined && runs !== '' && state.machineBoot === runs)
}

/** What is assumed of a log whose state is lost or damaged: the log itself tells the rest. */
const LOST: WriterState = { boot: 0, machineBoot: '', clean: false, applied: 0 }

/** The state the last writer left; undefined for a new log. */
export async function readWriterState(layout: Layout): Promise<WriterState | undefined> {
  const bytes = await readIfThere(layout.state)
  if (bytes !== undefined) return parseState(bytes.toString('utf8'))
  return listSegments(layout.chunks).length > 0 ? LOST : undefined
}

function parseState(text: string): WriterState {
  try {
    const { boot, machineBoot, clean, applied } = JSON.parse(text) as WriterState
    if (Number.isSafeInteger(boot) && boot >= 0 && typeof machineBoot === 'string')
      return { boot, machineBoot, clean: clean === true, applied: isPosition(applied) ? applied : 0 }
  } catch {}
  return LOST
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** The number of this opening: higher than that of any before, also when the state was lost or an older one put back. */
export function nextBoot(state: WriterState | undefined, recorder: string, lastSource = ''): number {
  const [name, boot] = lastSource.split('/')
  return Math.max(state?.boot ?? 0, name === recorder ? Number(boot) : 0) + 1
}

export async function saveWriterState(layout: Layout, state: WriterState): Promise<void> {
  await replaceFile(layout.state, `${JSON.stringify(state)}\n`)
}

/** `trustsOpenIndexes` for a process that only reads, as of now. */
export function readerTrustsOpenIndexes(layout: Layout): boolean {
  try {
    return trustsOpenIndexes(parseState(readFileSync(layout.state, 'utf8')), machineBoot())
  } catch {
    return false
  }
}
