import { AnnalsError } from 'annals/model'

/** Leaves room for a position behind it. */
const KEY = /^[\x20-\x7e]{1,400}$/

/**
 * The header `Idempotency-Key`, with or without the quotes that the IETF draft wants; undefined when it is not there.
 *
 * @throws AnnalsError ANNALS_INVALID
 */
export function idempotencyKeyOf(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = headers['idempotency-key']
  if (given === undefined) return undefined
  const key = /^".+"$/.test(given) ? given.slice(1, -1) : given
  if (KEY.test(key)) return key
  throw new AnnalsError('ANNALS_INVALID', 'Idempotency-Key has 1 to 400 characters of ASCII.', {
    path: 'Idempotency-Key',
    hint: 'Use a random UUID.',
  })
}
