import { existsSync } from 'node:fs'
import type { TrailReader } from 'annals'
import type { Context } from '../context.ts'
import { Failure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import { shellWord } from './shell-word.ts'

/** Opens the directory of the flags for reading and closes it when the work ends. */
export async function withReader<T>(context: Context, work: (reader: TrailReader) => Promise<T>): Promise<T> {
  const reader = await open(context)
  try {
    return await work(reader)
  } finally {
    await reader.close()
  }
}

async function open({ globals: { dir } }: Context): Promise<TrailReader> {
  if (!existsSync(dir)) throw noLog(dir, 'the directory does not exist')
  const { openReader } = await import('annals')
  try {
    return await openReader({ dir })
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
