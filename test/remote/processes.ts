import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const execArgv = ['--conditions=annals-source', '--no-warnings=ExperimentalWarning']

/** A server that can be killed and started again, at the same address. */
export class KillableServer implements AsyncDisposable {
  readonly dir: string
  url = ''
  key = ''
  #child: ChildProcess | undefined

  private constructor(dir: string) {
    this.dir = dir
  }

  static async start(): Promise<KillableServer> {
    const server = new KillableServer(mkdtempSync(join(tmpdir(), 'annals-killed-')))
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port
    const child = fork(fileURLToPath(new URL('./server-child.ts', import.meta.url)), [this.dir, port], {
      execArgv,
    })
    this.#child = child
    const [{ url, key }] = (await once(child, 'message')) as [{ url: string; key?: string }]
    this.url = url
    this.key = key ?? this.key
  }

  async kill(): Promise<void> {
    await killed(this.#child as ChildProcess)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Starts the recording client; what it acknowledges goes into `acknowledged`. */
export function startClient(
  server: KillableServer,
  spool: string,
  first: number,
  acknowledged: Set<number>,
): ChildProcess {
  const child = fork(
    fileURLToPath(new URL('./client-child.ts', import.meta.url)),
    [server.url, server.key, spool, String(first)],
    { execArgv, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  )
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) acknowledged.add(Number(line))
  })
  return child
}

/** Ends a process as a power cut would, and waits for it and for all that it wrote. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'close')
}
