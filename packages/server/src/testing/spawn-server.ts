import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server in a process of its own. */
export interface SpawnedServer extends AsyncDisposable {
  readonly url: string
  readonly key: string
  readonly dir: string
  readonly child: ChildProcess
  /** Everything that the process wrote on standard output and on standard error. */
  output(): { readonly stdout: string; readonly stderr: string }
  ask(path: string, init?: RequestInit & { readonly token?: string | null }): Promise<Response>
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void
  /** Resolves with the exit code when the process has ended. */
  ended(): Promise<number | null>
}

/** Starts a server in a process of its own, on a directory that goes with it. */
export async function spawnServer(env: Readonly<Record<string, string>> = {}): Promise<SpawnedServer> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-spawned-'))
  const program = join(import.meta.dirname, 'serve-child.ts')
  const child = spawn(process.execPath, ['--conditions=annals-source', '--no-warnings', program], {
    env: {
      // How sources are loaded here.
      ...pick(process.env, ['PATH', 'NODE_OPTIONS', 'ANNALS_TEST_THREADS']),
      ANNALS_SERVER_DIR: join(dir, 'log'),
      ANNALS_SERVER_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  const closed = once(child, 'close')
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text
    })
  }
  while (!written.stdout.includes('\n')) {
    await Promise.race([once(child.stdout, 'data'), closed])
    if (child.exitCode === null) continue
    rmSync(dir, { recursive: true, force: true })
    throw new Error(`the server ended: ${written.stderr}`)
  }
  const { url, key } = JSON.parse(written.stdout.split('\n')[0] as string) as { url: string; key: string }
  return {
    url,
    key,
    dir,
    child,
    output: () => ({ ...written }),
    async ask(path, { token = key, headers, ...init } = {}) {
      const asked = new Headers(headers)
      if (typeof token === 'string') asked.set('Authorization', `Bearer ${token}`)
      return await fetch(new URL(path, url), { ...init, headers: asked })
    },
    kill(signal) {
      child.kill(signal)
    },
    async ended() {
      const [code] = (await closed) as [number | null]
      return code
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await closed
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.map(name => [name, env[name]]))
}
