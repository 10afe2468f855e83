import { randomBytes } from 'node:crypto'
import { AnnalsError } from 'annals/model'
import { readPrivate, removeLeftovers, writePrivate } from './private-file.ts'

/** Bytes of the server's secret. */
export const SECRET_BYTES = 32

/**
 * The secret that viewer tokens are signed with; made at the first start. Nobody sets it and none is shipped. Removing the file
 * ends every viewer token at the next start.
 *
 * @throws AnnalsError ANNALS_KEYS when the file can be read by others, or does not hold 32 bytes
 */
export async function serverSecret(path: string): Promise<Uint8Array> {
  const kept = await readPrivate(path)
  await removeLeftovers(path)
  if (kept === undefined) {
    const secret = randomBytes(SECRET_BYTES)
    await writePrivate(path, secret)
    return secret
  }
  if (kept.length !== SECRET_BYTES) {
    throw new AnnalsError('ANNALS_KEYS', `${path} does not hold ${SECRET_BYTES} bytes.`, {
      hint: 'Remove it: a new one is made, and viewer tokens that are out end.',
    })
  }
  return kept
}
