import type { AuditEvent, LocalReader } from 'annals'
import { AnnalsError } from 'annals/model'
import { filter, printQuery } from 'annals/query'
import { z } from 'zod'
import { answeredByEvents } from '../gaps/answered.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { eventSchema } from './event-schema.ts'
import { wholeNumber, withDefault } from './parameters.ts'

/** Longest wait, seconds: proxies cut what is silent for longer. */
const LONGEST_WAIT = 60
/** Events of one operation that are looked at. */
const MOST = 1_000

/** An operation, and how it ended. */
export const getOperation: Route = defineRoute({
  id: 'getOperation',
  method: 'GET',
  path: '/v1/operations/:id',
  tag: 'events',
  summary: 'An operation by its id, and its outcome once there is one',
  permission: 'read',
  params: z.strictObject({ id: z.string().min(1).max(512) }),
  query: z.strictObject({
    wait: withDefault(wholeNumber(0, LONGEST_WAIT), 0).describe('Seconds to wait for the outcome.'),
  }),
  responses: {
    200: {
      description: '`pending` when no outcome came in time.',
      schema: answerSchema({
        state: z.enum(['pending', 'ended']),
        attempt: eventSchema.optional(),
        outcome: eventSchema.optional(),
      }),
    },
  },
  async handle({ params, query, principal, reader, id, signal }, { reading, gaps, live }) {
    const text = printQuery(filter('operation', '=', [{ kind: 'text', text: params.id }]))
    await reading.record(principal, 'get', { operation: params.id })
    const asOf = reader.size
    const { events: stored } = await reader.find(text, { order: 'asc', limit: MOST, asOf, signal })
    const events = [...stored]
    if (outcomeOf(events) === undefined && query.wait > 0) {
      // It waits like a live stream, and ends as one: with the credential, and when the server stops.
      const ended = new AbortController()
      using _ = live.enter(principal, () => ended.abort())
      const late = AbortSignal.any([signal, ended.signal, AbortSignal.timeout(query.wait * 1_000)])
      await waitFor(reader, text, { seek: asOf, signal: late }, events)
    }
    const attempt = events.find(event => event.phase !== 'outcome')
    const outcome = outcomeOf(events)
    // What is hidden is awaited as long as what is not there.
    if (events.length === 0) {
      throw new AnnalsError('ANNALS_NOT_FOUND', 'There is no such operation.', {
        hint: 'An operation goes by the id of its attempt, or the id that its producer gave it.',
      })
    }
    const content = {
      state: outcome === undefined ? 'pending' : 'ended',
      ...(attempt === undefined ? {} : { attempt }),
      ...(outcome === undefined ? {} : { outcome }),
    }
    const size = Math.max(asOf, ...events.map(event => event.index + 1))
    const told = gaps.told(principal, answeredByEvents(events, size))
    return { json: answerOf(content, { asOf: size, watermark: size, requestId: id, gaps: told }) }
  },
})

/** Adds what comes of an operation until it has an outcome, or the signal is aborted. */
async function waitFor(
  reader: LocalReader,
  query: string,
  options: { readonly seek: number; readonly signal: AbortSignal },
  events: AuditEvent[],
): Promise<void> {
  for await (const event of reader.events(query, { ...options, follow: true })) {
    events.push(event)
    if (outcomeOf(events) !== undefined) return
  }
}

/** The outcome that counts: a real one wins over `unknown`, which was only supposed. */
function outcomeOf(events: readonly AuditEvent[]): AuditEvent | undefined {
  const ended = events.filter(event => event.phase !== 'attempt' && event.outcome.result !== 'pending')
  return ended.findLast(event => event.outcome.result !== 'unknown') ?? ended.at(-1)
}
