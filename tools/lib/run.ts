import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './workspace.ts'

/** Options of {@link run}. */
export interface RunOptions {
  /** @defaultValue the repository */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** How a command ended. */
export interface Ran {
  /** 0 is success; a signal counts as 1. */
  readonly code: number
  /** Processes that the command started and left running; they are ended. */
  readonly leftOver: boolean
}

/** How long processes of a command that ended may take to end, too; milliseconds. */
const GRACE = 3000
/** Groups of processes: what a command starts can be found, and ended, by the group. */
const GROUPS = process.platform !== 'win32'

const running = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const child of running) signalGroup(child, 'SIGTERM')
    process.exitCode = 130
  })
}

/** Runs a command of the project with its output shown; the tools of node_modules/.bin are on the path. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [file = '', ...words] = command
  const child = spawn(file, words, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, PATH: searchPath(), ...options.env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: GROUPS,
  })
  running.add(child)
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', status => resolve(status ?? 1))
    })
    return { code, leftOver: await endGroup(child) }
  } finally {
    running.delete(child)
  }
}

/** Path with this very Node.js and the tools of the project first. */
export function searchPath(): string {
  return [join(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter)
}

async function endGroup(child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + GRACE
  while (signalGroup(child, 0)) {
    if (Date.now() > deadline) {
      signalGroup(child, 'SIGKILL')
      return true
    }
    await sleep(20)
  }
  return false
}

/** Whether there was a process to signal. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (!GROUPS || child.pid === undefined) return false
  try {
    return process.kill(-child.pid, signal)
  } catch {
    return false
  }
}
