import type { TrailReader } from 'annals'
import type { Context } from '../context.ts'
import { openServer } from '../remote/open-server.ts'
import { directoryOf, type Place, placeOf } from '../remote/place.ts'
import { inLog } from './no-log.ts'

/** Opens the server or directory of the flags for reading and closes it when the work ends. */
export async function withReader<T>(
  context: Context,
  work: (reader: TrailReader, place: Place) => Promise<T>,
): Promise<T> {
  const place = await placeOf(context)
  if (place.kind === 'directory') return await inDirectory(place.dir, reader => work(reader, place))
  const reader = await openServer(place, context.output)
  try {
    return await work(reader, place)
  } finally {
    await reader.close()
  }
}

/** The same for what is done on a directory only. */
export async function withDirectory<T>(
  context: Context,
  work: (reader: TrailReader, dir: string) => Promise<T>,
): Promise<T> {
  const dir = await directoryOf(context)
  return await inDirectory(dir, reader => work(reader, dir))
}

async function inDirectory<T>(dir: string, work: (reader: TrailReader) => Promise<T>): Promise<T> {
  const { openReader } = await import('annals')
  const reader = await inLog(dir, () => openReader({ dir }))
  try {
    return await work(reader)
  } finally {
    await reader.close()
  }
}
