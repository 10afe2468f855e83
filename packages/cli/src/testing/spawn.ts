import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** What a process did. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How to start the command line. */
export interface SpawnOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Starts `annals` from its sources in a process of its own. */
export function startAnnals(
  words: readonly string[],
  options: SpawnOptions = {},
): ChildProcessWithoutNullStreams {
  const { NO_COLOR: _no, FORCE_COLOR: _force, HOME: _home, XDG_CONFIG_HOME: _config, ...all } = process.env
  // Nothing of whoever runs the tests: no log, no server, no sign-in.
  const env = Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('ANNALS_')))
  return spawn(
    process.execPath,
    ['--conditions=annals-source', '--no-warnings=ExperimentalWarning', MAIN, ...words],
    {
      env: { ...env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  )
}

/** Runs `annals` to its end. */
export async function annals(words: readonly string[], options: SpawnOptions = {}): Promise<Finished> {
  const child = startAnnals(words, options)
  // A command that does not read its input closes it.
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin ?? '')
  return await finished(child)
}

/** Waits for a process to end and collects what it wrote. */
export async function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}
