import type { Recorded, Refused } from 'annals'
import { AnnalsError, type Draft } from 'annals/model'
import type { ServerContext } from '../context.ts'
import { HttpError, problemOf } from '../http/problem.ts'
import type { Call, Reply } from '../http/route.ts'
import { countInto, recordedAnswer, refusedAnswer } from './answers.ts'
import type { Level } from './proofs.ts'
import { Proofs } from './proofs.ts'
import type { Result } from './record-lines.ts'
import { WorkingPlaces } from './working-places.ts'

/** A request to record. */
export type RecordCall = Pick<
  Call<unknown, { readonly await: Level; readonly answer: 'results' | 'summary' }, undefined>,
  'headers' | 'id' | 'principal' | 'query' | 'raw' | 'signal'
>

/** Longest wait for a signed checkpoint, milliseconds. */
const PROOF_MS = 5_000
/** Requests with many events that are worked on at a time: what waits to become durable is bounded by these. */
const MOST_AT_A_TIME = 48
/** Most drafts of one array: its results are in memory. */
export const LONGEST_ARRAY = 10_000
/** Drafts of an array that are handed over at a time. */
const BATCH = 1_000

/** What requests to one log share. */
interface Shared {
  readonly proofs: Proofs
  readonly places: WorkingPlaces
}

const SHARED = new WeakMap<ServerContext['trail'], Shared>()

/** What all requests that record into this log share. */
export function sharedOf({ trail }: Pick<ServerContext, 'trail'>): Shared {
  let shared = SHARED.get(trail)
  if (shared === undefined) {
    shared = { proofs: new Proofs(trail, PROOF_MS), places: new WorkingPlaces(MOST_AT_A_TIME) }
    SHARED.set(trail, shared)
  }
  return shared
}

/** Logs failures that an operator should look at: the code, once for each request and code, and nothing of the event. */
export function reporter({ log }: Pick<ServerContext, 'log'>, id: string): (error: AnnalsError) => void {
  const told = new Set<string>()
  return error => {
    if (told.has(error.code)) return
    told.add(error.code)
    log.error({ requestId: id, code: error.code }, 'events could not be recorded')
  }
}

/** Records one draft. @throws AnnalsError why it is refused */
export async function recordOne(call: RecordCall, context: ServerContext, draft: Draft): Promise<Reply> {
  const [result] = (await context.trail.recordAll([draft])) as [Result]
  if ('error' in result) {
    context.metrics.refused(result.error.code)
    throw result.error
  }
  if (result.paused === true) return { json: recordedAnswer(result, 'stored') }
  return await answerStored(call, context, {
    status: 201,
    headers: { Location: `/v1/events/${result.id}` },
    body: level => recordedAnswer(result, level),
  })
}

/** Records drafts in order; what is an error already stays one, in its place. */
export async function recordMany(
  call: RecordCall,
  context: ServerContext,
  drafts: readonly (Draft | AnnalsError)[],
  retell: (error: AnnalsError, at: number) => AnnalsError = error => error,
): Promise<Reply> {
  if (drafts.length > LONGEST_ARRAY)
    throw new HttpError(413, 'ANNALS_LIMIT', `The array has more than ${LONGEST_ARRAY} elements.`, {
      hint: 'Send application/x-ndjson, which has no limit.',
    })
  using _ = sharedOf(context).places.enter()
  const results: Result[] = []
  for (let from = 0; from < drafts.length; from += BATCH)
    results.push(...(await recordBatch(context, drafts.slice(from, from + BATCH))))
  const counts = { recorded: 0, duplicates: 0, refused: 0 }
  countInto(counts, results, context.metrics)
  const report = reporter(context, call.id)
  return await answerStored(call, context, {
    body: level => ({
      results: results.map((result, at) =>
        'error' in result
          ? { error: refusedAnswer(retell(result.error, at), report) }
          : recordedAnswer(result, level),
      ),
      counts,
      requestId: call.id,
    }),
  })
}

async function recordBatch(
  { trail }: Pick<ServerContext, 'trail'>,
  batch: readonly (Draft | AnnalsError)[],
): Promise<readonly Result[]> {
  const answers = await trail.recordAll(batch.filter(one => !(one instanceof AnnalsError)) as Draft[])
  let next = 0
  return batch.map(one =>
    one instanceof AnnalsError ? { error: one } : (answers[next++] as Recorded | Refused),
  )
}

/** Answers what is stored: when it is as safe as was asked, or with a problem that says that it is stored all the same. */
async function answerStored(
  { query, id }: RecordCall,
  context: ServerContext,
  answer: {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body: (level: Level) => object
  },
): Promise<Reply> {
  const { body, ...rest } = answer
  let failure: unknown
  try {
    const level = await sharedOf(context).proofs.reach(query.await)
    if (level === query.await) return { ...rest, json: body(level) }
    failure = new HttpError(503, 'ANNALS_TIMEOUT', `Not ${query.await} within ${PROOF_MS} ms.`)
  } catch (error) {
    failure = error
  }
  const { problem } = problemOf(failure, id)
  return {
    status: problem.status,
    headers: { 'Retry-After': '5' },
    type: 'application/problem+json',
    json: {
      ...problem,
      detail: `${problem.detail ?? problem.title} It is stored, see "stored": do not send it again without an idempotency key.`,
      stored: body('stored'),
    },
  }
}
