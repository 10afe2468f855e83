import { parseCheckpoint, parseNote } from '@annals/tlog'
import { AnnalsError } from '../model/index.ts'
import { type Act, defineAct } from './act.ts'
import { invalidRequest, requestMembers, requiredText } from './act-request.ts'

/** Asks for a time stamp over a checkpoint. */
export interface TimestampRequest {
  /** Time-stamping authority, RFC 3161 over HTTP. */
  readonly url: string
}

/** The checkpoint that was stamped. */
export interface TimestampResult {
  /** Entries that it covers. */
  readonly size: number
  /** Bytes of the token. */
  readonly bytes: number
}

/**
 * Has a time-stamping authority confirm when the newest checkpoint existed, and keeps both. The authority sees a hash only.
 *
 * @throws AnnalsError ANNALS_STORE when it gives no token; ANNALS_UNSUPPORTED without the packages; ANNALS_NOT_FOUND for an empty log
 * @example
 * ```ts
 * const { size } = await trail.perform(timestamp, { url: 'https://tsa.example.com' })
 * ```
 */
export const timestamp: Act<TimestampRequest, TimestampResult> = defineAct({
  name: 'timestamp',
  check(value) {
    const given = requestMembers(value, ['url'])
    const url = requiredText(given, 'url', 2_048)
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw invalidRequest('/url', 'must be an http or https URL')
    return { url }
  },
  async perform({ url }, { store: { log }, checkpoint, requestTimestamp }) {
    const note = await checkpoint()
    if (note === undefined) throw new AnnalsError('ANNALS_NOT_FOUND', 'The log has no checkpoint yet.')
    const { text } = parseNote(note)
    const { size } = parseCheckpoint(text)
    // Over the text alone: witnesses may still add their signatures.
    const token = await requestTimestamp(url, Buffer.from(text))
    if ((await log.kept(size)) === undefined) await log.keep(note)
    await log.keepToken(size, token)
    return { size, bytes: token.length }
  },
})
