import { canonicalize } from '@annals/tlog'
import type { SealManifest } from '../../../log/log-store.ts'
import { isObject } from '../../../log/parts.ts'
import { AnnalsError } from '../../../model/index.ts'
import { readIfThere } from '../files.ts'

/** Name of the manifest in the directory of a chunk. */
export const MANIFEST = 'seal.json'

/** The bytes of `seal.json`: canonical JSON. */
export function formatManifest(manifest: SealManifest): Uint8Array {
  return Buffer.from(canonicalize(manifest))
}

/**
 * The manifest at a path; undefined when there is none.
 *
 * @throws AnnalsError ANNALS_CORRUPT
 */
export async function readManifest(path: string): Promise<SealManifest | undefined> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {}
  if (!isManifest(value))
    throw new AnnalsError('ANNALS_CORRUPT', `${path} is no manifest of a sealed chunk.`, {
      hint: 'Run annals verify, and restore the file from a copy.',
    })
  return value
}

function isManifest(value: unknown): value is SealManifest {
  if (!isObject(value) || value['v'] !== 1 || !isObject(value['classes'])) return false
  const { frontier, before } = value
  return (
    ['lo', 'hi', 'first', 'last'].every(name => Number.isSafeInteger(value[name])) &&
    ['origin', 'period', 'after'].every(name => typeof value[name] === 'string') &&
    (before === undefined || typeof before === 'string') &&
    Array.isArray(frontier) &&
    frontier.every(hash => typeof hash === 'string') &&
    Object.values(value['classes']).every(
      one => isObject(one) && Number.isSafeInteger(one['count']) && typeof one['positions'] === 'string',
    )
  )
}
