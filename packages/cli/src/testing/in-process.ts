import { Readable } from 'node:stream'
import { run } from '../run.ts'
import { captureProcess, type Pretended } from './capture.ts'
import type { Finished } from './spawn.ts'

/** Runs a command line in this process: a start costs nothing. With `isTTY` its standard input is a terminal, too. */
export async function annalsHere(words: readonly string[], pretended: Pretended = {}): Promise<Finished> {
  const process = captureProcess({ stdin: '', ...pretended })
  const stdin = Object.assign(Readable.from([Buffer.from(pretended.stdin ?? '')]), {
    isTTY: pretended.isTTY ?? false,
  })
  const code = await run(words, { ...process, stdin })
  return { code, stdout: process.stdout.text, stderr: process.stderr.text }
}
