import { Spool } from './spool.ts'

/** Most bytes of a spool, when nothing else is said. */
const SPOOL_BYTES = 1024 ** 3

/** Where events wait while they cannot be recorded. */
export interface SpoolOptions {
  /** Directory; made when it is not there. One process uses it at a time. */
  readonly dir: string
  /** Most bytes; beyond them is ANNALS_OVERLOADED. @defaultValue 1 GiB */
  readonly maxBytes?: number | undefined
}

/** Opens a spool. @throws TypeError for options that cannot be meant; AnnalsError ANNALS_LOCKED, ANNALS_STORE */
export async function openSpool(options: string | SpoolOptions): Promise<Spool> {
  const { dir, maxBytes = SPOOL_BYTES } = typeof options === 'string' ? { dir: options } : options
  if (typeof dir !== 'string' || dir === '') throw new TypeError('spool: needs a directory')
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
    throw new TypeError(`spool.maxBytes ${maxBytes}: a positive whole number`)
  return await Spool.open(dir, maxBytes)
}
