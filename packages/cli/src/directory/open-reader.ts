import type { TrailReader } from 'annals'
import type { Context } from '../context.ts'
import { inLog } from './no-log.ts'

/** Opens the directory of the flags for reading and closes it when the work ends. */
export async function withReader<T>(
  { globals: { dir } }: Context,
  work: (reader: TrailReader) => Promise<T>,
): Promise<T> {
  const { openReader } = await import('annals')
  const reader = await inLog(dir, () => openReader({ dir }))
  try {
    return await work(reader)
  } finally {
    await reader.close()
  }
}
