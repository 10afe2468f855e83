import { z } from 'zod'
import { requireWhole } from '../access/whole-scope.ts'
import { problemOf } from '../http/problem.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { type ActLine, toldProgress } from '../lifecycle/told-progress.ts'

const NDJSON = 'application/x-ndjson'

/** Performs an act on the log, in the name of whoever asks. */
export const performAct: Route = defineRoute({
  id: 'performAct',
  method: 'POST',
  path: '/v1/lifecycle/:act',
  tag: 'lifecycle',
  summary: 'Does something to the log as a whole: retention, holds, erasure, archive, keys',
  permission: 'operate',
  params: z.strictObject({
    act: z.string().max(64).describe('Name of the act; GET /v1/lifecycle/acts lists them.'),
  }),
  body: z
    .record(z.string(), z.unknown())
    .describe(
      'The request of the act. Its actor is whoever asks; `archive` goes to the archive of the settings.',
    ),
  responses: {
    200: {
      description:
        'What came of it. With `Accept: application/x-ndjson`, lines `{"progress":{"done":…,"total":…}}` and at last `{"result":…}` or `{"problem":…}`. Going away does not stop the act.',
      schema: z.strictObject({ act: z.string(), result: z.unknown(), requestId: z.string() }),
    },
  },
  async handle({ params, body, principal, headers, id }, { acts, log }) {
    requireWhole(principal)
    const { act } = params
    const begin = (onProgress: (done: number, total: number) => void): Promise<unknown> =>
      acts.begin(act, body, principal, onProgress)
    if (headers['accept']?.includes(NDJSON) !== true)
      return { json: { act, result: await begin(() => {}), requestId: id } }
    const lines = toldProgress(begin)
    return {
      type: NDJSON,
      stream: written(lines, id, error => log.error({ err: error, act }, 'an act failed')),
    }
  },
})

/** Lines as they are sent; once they have begun, a failure can only be one of them. */
async function* written(
  lines: AsyncIterable<ActLine>,
  requestId: string,
  onFault: (error: unknown) => void,
): AsyncGenerator<string> {
  try {
    for await (const line of lines) yield `${JSON.stringify(line)}\n`
  } catch (error) {
    const { problem, fault } = problemOf(error, requestId)
    if (fault) onFault(error)
    yield `${JSON.stringify({ problem })}\n`
  }
}
