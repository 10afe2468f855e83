import type { ReadStream } from 'node:tty'
import type { Context } from '../context.ts'
import { textOf, tokenOf } from './token.ts'

/** Return, line feed, and Ctrl-D. */
const ENTER: ReadonlySet<string> = new Set(['\r', '\n', '\u0004'])
const ERASE: ReadonlySet<string> = new Set(['\b', '\u007f'])
const CTRL_C = '\u0003'

/**
 * The token on standard input: all of a pipe, or one line typed on the terminal and not shown.
 *
 * @throws UsageFailure for what can be no token
 */
export async function askToken(context: Pick<Context, 'stdin' | 'output'>): Promise<string> {
  const { stdin, output } = context
  if (stdin.isTTY !== true) return tokenOf(await textOf(stdin), 'standard input')
  output.complain('Token (it is not shown):')
  return tokenOf(await typed(stdin as ReadStream), 'what was typed')
}

/** One line in raw mode, so that the terminal shows nothing of it. */
async function typed(stdin: ReadStream): Promise<string> {
  stdin.setRawMode?.(true)
  try {
    let line = ''
    for await (const chunk of stdin) {
      for (const character of String(chunk)) {
        if (ENTER.has(character)) return line
        // Raw mode makes no signal of it.
        if (character === CTRL_C) {
          process.kill(process.pid, 'SIGINT')
          return ''
        }
        line = ERASE.has(character) ? line.slice(0, -1) : line + character
      }
    }
    return line
  } finally {
    stdin.setRawMode?.(false)
  }
}
