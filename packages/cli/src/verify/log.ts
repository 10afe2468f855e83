import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inLog } from '../directory/no-log.ts'
import type { Verifiable } from './kind.ts'

/** The directory of a log. */
export const log: Verifiable = {
  what: 'log',
  recognises: async path => existsSync(join(path, 'annals.json')) || existsSync(join(path, 'chunks')),
  async verify({ path, trust, skewMinutes, ...options }) {
    // Not through a reader: a directory too damaged to be opened is what this is for.
    const { verifyDirectory } = await import('annals')
    return await inLog(path, () =>
      verifyDirectory(path, {
        ...trust,
        ...options,
        ...(skewMinutes === undefined ? {} : { skewMs: skewMinutes * 60_000 }),
      }),
    )
  },
}
