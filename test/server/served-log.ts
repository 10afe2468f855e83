import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { type Finished, finished, startAnnals } from '../../packages/cli/src/testing/spawn.ts'

/** Least level of a line of the server's log that tells of a failure, as pino counts. */
const FAILURE = 50

/** `annals serve` from its sources, to be killed and started again on the same port. */
export class ServedLog implements AsyncDisposable {
  readonly dir: string
  readonly url: string
  key = ''
  /** Lines in which the server tells of failures. */
  readonly failures: string[] = []
  #child: ChildProcessWithoutNullStreams | undefined
  #finished: Promise<Finished> | undefined

  private constructor(dir: string, port: number) {
    this.dir = dir
    this.url = `http://127.0.0.1:${port}`
  }

  /** A log in a directory of its own, which goes with it; served at once. */
  static async start(): Promise<ServedLog> {
    const served = new ServedLog(mkdtempSync(join(tmpdir(), 'annals-served-')), await freePort())
    await served.start()
    return served
  }

  /** Resolves when it can be asked. */
  async start(): Promise<void> {
    const words = ['serve', '--dir', this.dir, '--port', new URL(this.url).port, '-o', 'json']
    const threads = process.env['ANNALS_TEST_THREADS']
    const child = startAnnals(words, threads === undefined ? {} : { env: { ANNALS_TEST_THREADS: threads } })
    // Also of a test that is given up.
    onTestFinished(() => void child.kill('SIGKILL'))
    this.#child = child
    this.#finished = finished(child)
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), this.#early()])
    const { url, key } = JSON.parse(line as string) as { url: string; key?: string }
    if (url !== this.url) throw new Error(`it serves at ${url}`)
    // Told by the first start alone.
    if ((key === undefined) === (this.key === '')) throw new Error('a key is told once')
    this.key = key ?? this.key
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    const { stderr = '' } = (await this.#finished) ?? {}
    this.failures.push(...stderr.split('\n').filter(isFailure))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #early(): Promise<never> {
    const { code, stderr } = (await this.#finished) as Finished
    throw new Error(`it ended with ${code}: ${stderr}`)
  }
}

/** The last line may be cut short. */
function isFailure(line: string): boolean {
  const level = /"level":(\d+)/.exec(line)?.[1]
  return level !== undefined && Number(level) >= FAILURE
}

/** A port that no outgoing connection is given while nobody listens on it: below the range of the system. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}
