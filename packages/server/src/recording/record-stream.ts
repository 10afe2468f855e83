import { Readable } from 'node:stream'
import { AnnalsError, type ErrorCode } from 'annals/model'
import type { ServerContext } from '../context.ts'
import { allowLongBody } from '../http/long-bodies.ts'
import { problemOf } from '../http/problem.ts'
import type { Reply } from '../http/route.ts'
import { countInto, type RecordCounts, type RefusedAnswer, refusedAnswer, resultLine } from './answers.ts'
import { type BodyEnd, BodyReader } from './body-reader.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import type { Level } from './proofs.ts'
import { type Results, recordLines } from './record-lines.ts'
import { type RecordCall, reporter, sharedOf } from './record-request.ts'
import { takeDraftFor } from './take-draft.ts'

/** Bytes of results that are kept for a client which sends everything before it reads; beyond them it is read no further. */
const ANSWER_BYTES = 4 * 1024 * 1024
/** Most refusals of a summary. */
const MOST_ERRORS = 100

/** Records `application/x-ndjson`, and answers line by line while it comes, or in sum when it is over. */
export async function recordStream(call: RecordCall, context: ServerContext): Promise<Reply> {
  const key = idempotencyKeyOf(call.headers)
  const { places } = sharedOf(context)
  const body = new BodyReader(call.raw, context.settings.limits.requestSeconds * 1000)
  const held = new DisposableStack()
  held.use(places.enter())
  try {
    held.use(context.live.enter(call.principal, reason => body.end(reason)))
    held.use(allowLongBody(call.raw))
  } catch (error) {
    held.dispose()
    throw error
  }
  // The connection is over for this request in every case, also when the answer is never read.
  if (call.signal.aborted) held.dispose()
  else call.signal.addEventListener('abort', () => held.dispose(), { once: true })
  const answered = recordBody(call, context, body, key)
  if (call.query.answer === 'summary') return await summary(call, context, answered)
  return {
    type: 'application/x-ndjson',
    stream: Readable.from(answerLines(call, context, answered), {
      objectMode: false,
      highWaterMark: ANSWER_BYTES,
    }),
  }
}

type Answered = AsyncGenerator<Results, BodyEnd | undefined, undefined>

function recordBody(
  { principal, query }: RecordCall,
  context: ServerContext,
  body: BodyReader,
  key: string | undefined,
): Answered {
  const take = takeDraftFor(principal)
  const { proofs } = sharedOf(context)
  return recordLines(body, {
    take: (value, position) => take(value, key === undefined ? undefined : `${key}/${position}`),
    async record(drafts) {
      const results = await context.trail.recordAll(drafts)
      // The lines are stored, whatever else fails; and the level says no more than that.
      const level = await proofs.reach(query.await).catch((): Level => 'stored')
      return { results, level }
    },
  })
}

async function* answerLines(
  call: RecordCall,
  context: ServerContext,
  answered: Answered,
): AsyncGenerator<string> {
  const report = reporter(context, call.id)
  const counts: RecordCounts = { recorded: 0, duplicates: 0, refused: 0 }
  let next = await answered.next()
  for (; next.done !== true; next = await answered.next()) {
    const { results, level } = next.value
    countInto(counts, results, context.metrics)
    let text = ''
    for (const result of results) text += resultLine(result, level, report)
    yield text
  }
  const ended = next.value === undefined ? {} : { ended: refusedAnswer(endError(next.value), report) }
  yield `${JSON.stringify({ counts, ...ended, requestId: call.id })}\n`
}

async function summary(call: RecordCall, context: ServerContext, answered: Answered): Promise<Reply> {
  const report = reporter(context, call.id)
  const counts: RecordCounts = { recorded: 0, duplicates: 0, refused: 0 }
  const errors: ({ readonly position: number } & RefusedAnswer)[] = []
  let position = 0
  let next = await answered.next()
  for (; next.done !== true; next = await answered.next()) {
    const { results } = next.value
    countInto(counts, results, context.metrics)
    for (const [at, result] of results.entries()) {
      if ('error' in result && errors.length < MOST_ERRORS)
        errors.push({ position: position + at, ...refusedAnswer(result.error, report) })
    }
    position += results.length
  }
  const sum = { counts, errors }
  if (next.value === undefined) return { json: { ...sum, requestId: call.id } }
  const { problem } = problemOf(endError(next.value), call.id)
  return { status: problem.status, type: 'application/problem+json', json: { ...problem, ...sum } }
}

/** Why a request was read no further than its last result. */
function endError(reason: BodyEnd): AnnalsError {
  const [code, message]: readonly [ErrorCode, string] = ENDS[reason]
  return new AnnalsError(code, message, {
    hint: 'Send what has no result again, with the same idempotency key.',
  })
}

const ENDS: Readonly<Record<BodyEnd, readonly [ErrorCode, string]>> = {
  stopping: ['ANNALS_CLOSED', 'The server is stopping.'],
  expired: ['ANNALS_UNAUTHENTICATED', 'The token has expired.'],
  revoked: ['ANNALS_UNAUTHENTICATED', 'The token was revoked.'],
  idle: ['ANNALS_TIMEOUT', 'Nothing more arrived in time.'],
}
