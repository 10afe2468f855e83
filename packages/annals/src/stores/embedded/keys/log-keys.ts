import type { KeyObject } from 'node:crypto'
import { exportKey, importKey } from '../../../log/signer.ts'
import { AnnalsError } from '../../../model/index.ts'

/** A private key of the log; `until` (ms since the epoch) when it signs beside a newer one for a while only. */
export interface LogKey {
  readonly key: KeyObject
  readonly until?: number
}

/** The keys as `keys/log.key` has them: PKCS #8 PEM, the newest first, before each other one a line `until <ISO time>`. */
export function formatLogKeys(keys: readonly LogKey[]): string {
  return keys
    .map(
      ({ key, until }) =>
        (until === undefined ? '' : `until ${new Date(until).toISOString()}\n`) + exportKey(key),
    )
    .join('')
}

const BLOCK = /(?:^until (\S+)\n)?^-----BEGIN PRIVATE KEY-----\n[^-]*-----END PRIVATE KEY-----$/gm

/**
 * The keys in a file, the newest first.
 *
 * @throws AnnalsError ANNALS_KEYS when one of them is damaged
 */
export function parseLogKeys(path: string, text: string): readonly [LogKey, ...LogKey[]] {
  const keys: LogKey[] = []
  for (const [block, until] of text.replaceAll('\r', '').matchAll(BLOCK)) {
    const key = keyFrom(path, block.slice(block.indexOf('-----BEGIN')))
    if (until === undefined) keys.push({ key })
    else if (Number.isNaN(Date.parse(until))) throw damaged(path)
    else keys.push({ key, until: Date.parse(until) })
  }
  const [newest, ...before] = keys
  const blocks = text.split('-----BEGIN').length - 1
  if (newest === undefined || blocks !== keys.length || newest.until !== undefined) throw damaged(path)
  if (before.some(({ until }) => until === undefined)) throw damaged(path)
  return [newest, ...before]
}

/** One Ed25519 private key from its PEM. @throws AnnalsError ANNALS_KEYS */
export function keyFrom(path: string, pem: string): KeyObject {
  let key: KeyObject | undefined
  let cause: unknown
  try {
    key = importKey(pem)
  } catch (error) {
    cause = error
  }
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw damaged(path, cause)
}

function damaged(path: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_KEYS', `${path} is damaged: it holds no Ed25519 private key.`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Restore the file from where it is kept; without it the log can only be read.',
  })
}
