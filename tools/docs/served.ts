import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { searchPath } from '../lib/run.ts'

/** A server for the blocks of one page. */
export interface Served extends AsyncDisposable {
  /** Where it is, and its key: the variables that the command line reads. */
  readonly env: Readonly<Record<string, string>>
}

/** Starts `annals serve` as a reader of the page would. @throws Error when it does not start */
export async function serve(dir: string): Promise<Served> {
  const child = spawn(
    'annals',
    ['serve', '--dir', dir, '--port', '0', '--log-level', 'error', '-o', 'json'],
    { env: { ...process.env, PATH: searchPath() }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [])])
  if (line === undefined) throw new Error(`annals serve ended with ${child.exitCode}`)
  const { url, key } = JSON.parse(line) as { readonly url: string; readonly key: string }
  return {
    env: { ANNALS_ENDPOINT: url, ANNALS_TOKEN: key },
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}
