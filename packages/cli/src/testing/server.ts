import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { type Finished, finished, startAnnals } from './spawn.ts'

/** A server in a process of its own. */
export interface SpawnedServer {
  readonly url: string
  /** Of the first start of its directory. */
  readonly key: string | undefined
  /** The next line that it writes to stdout. */
  line(): Promise<string>
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>
}

/** Starts `annals serve` or `annals dev` on a free port; it ends with the test at the latest. */
export async function startServer(words: readonly string[]): Promise<SpawnedServer> {
  const child = startAnnals([...words, ...(words.includes('--port') ? [] : ['--port', '0']), '-o', 'json'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const done = finished(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const { value } = await lines.next()
    if (typeof value === 'string') return value
    throw new Error(`it ended: ${(await done).stderr}`)
  }
  const { url, key } = JSON.parse(await line()) as { url: string; key?: string }
  return {
    url,
    key,
    line,
    async stop(signal = 'SIGTERM'): Promise<Finished> {
      child.kill(signal)
      return await done
    },
  }
}
