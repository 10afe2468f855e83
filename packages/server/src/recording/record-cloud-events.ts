import { AnnalsError } from 'annals/model'
import type { ServerContext } from '../context.ts'
import type { Reply } from '../http/route.ts'
import { readWhole } from './body-reader.ts'
import { binaryCloudEvent, unwrapCloudEvent } from './cloud-events.ts'
import { orError, readJson } from './record-json.ts'
import { type RecordCall, recordMany, recordOne } from './record-request.ts'
import { takeDraftFor } from './take-draft.ts'

/** Records CloudEvents 1.0: one or a batch in JSON, or one whose attributes are headers. Their `source` and `id` are the idempotency key. */
export async function recordCloudEvents(
  call: RecordCall,
  context: ServerContext,
  mode: 'one' | 'batch' | 'binary',
): Promise<Reply> {
  const take = takeDraftFor(call.principal)
  if (mode !== 'batch') {
    const value =
      mode === 'one'
        ? await readJson(call, context)
        : binaryCloudEvent(call.headers, await readWhole(call.raw, context.settings.limits.body))
    const { draft, retell } = unwrapCloudEvent(value)
    try {
      return await recordOne(call, context, take(draft, undefined))
    } catch (error) {
      throw error instanceof AnnalsError ? retell(error) : error
    }
  }
  const values = await readJson(call, context)
  if (!Array.isArray(values)) throw new AnnalsError('ANNALS_INVALID', 'A batch is an array.', { path: '' })
  const unwrapped = values.map(value => orError(() => unwrapCloudEvent(value)))
  const drafts = unwrapped.map(one =>
    one instanceof AnnalsError ? one : orError(() => take(one.draft, undefined)),
  )
  return await recordMany(call, context, drafts, (error, at) => {
    const one = unwrapped[at]
    return one === undefined || one instanceof AnnalsError ? error : one.retell(error)
  })
}
