import { isUtf8 } from 'node:buffer'
import { AnnalsError } from 'annals/model'
import type { ServerContext } from '../context.ts'
import type { Reply } from '../http/route.ts'
import { readWhole } from './body-reader.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { type RecordCall, recordMany, recordOne } from './record-request.ts'
import { parseStrict } from './strict-json.ts'
import { takeDraftFor } from './take-draft.ts'

/** Records `application/json`: one draft, or an array. */
export async function recordJson(call: RecordCall, context: ServerContext): Promise<Reply> {
  const key = idempotencyKeyOf(call.headers)
  const take = takeDraftFor(call.principal)
  const value = await readJson(call, context)
  if (!Array.isArray(value)) return await recordOne(call, context, take(value, key))
  const drafts = value.map((one, at) =>
    orError(() => take(one, key === undefined ? undefined : `${key}/${at}`)),
  )
  return await recordMany(call, context, drafts)
}

/** The JSON of a body. @throws AnnalsError ANNALS_INVALID; HttpError 413 */
export async function readJson(
  { raw }: Pick<RecordCall, 'raw'>,
  { settings }: ServerContext,
): Promise<unknown> {
  const bytes = await readWhole(raw, settings.limits.body)
  if (!isUtf8(bytes)) throw new AnnalsError('ANNALS_INVALID', 'The body is not UTF-8.', { path: '' })
  return parseStrict(bytes.toString('utf8'))
}

/** What is made, or why it is refused. */
export function orError<T>(make: () => T): T | AnnalsError {
  try {
    return make()
  } catch (error) {
    if (error instanceof AnnalsError) return error
    throw error
  }
}
