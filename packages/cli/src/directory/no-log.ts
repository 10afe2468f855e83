import { existsSync } from 'node:fs'
import { Failure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import { shellWord } from './shell-word.ts'

/** Reads a directory; when it holds no log, says so in the one way that all commands share: exit 4. */
export async function inLog<T>(dir: string, read: () => Promise<T>): Promise<T> {
  if (!existsSync(dir)) throw noLog(dir, 'the directory does not exist')
  try {
    return await read()
  } catch (error) {
    if (isCoded(error) && error.code === 'ANNALS_NOT_FOUND')
      throw noLog(dir, 'the directory holds no log', error)
    throw error
  }
}

function noLog(dir: string, why: string, cause?: unknown): Failure {
  return new Failure(`no log in ${dir}`, {
    exit: 4,
    code: 'ANNALS_NOT_FOUND',
    why,
    hint: `Make one with "annals init --dir ${shellWord(dir)}", or name another directory with --dir or ANNALS_DIR.`,
    cause,
  })
}
