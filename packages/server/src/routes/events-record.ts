import { z } from 'zod'
import { HttpError } from '../http/problem.ts'
import { defineRoute } from '../http/route.ts'
import { recordCloudEvents } from '../recording/record-cloud-events.ts'
import { recordJson } from '../recording/record-json.ts'
import { recordStream } from '../recording/record-stream.ts'
import { draftSchema } from './event-schema.ts'

const parameters = z.strictObject({
  await: z
    .enum(['stored', 'proved', 'witnessed'])
    .default('stored')
    .describe('How safe events must be before they are answered.'),
  answer: z
    .enum(['results', 'summary'])
    .default('results')
    .describe('For NDJSON: a line for each line, or counts and the first 100 refusals.'),
})

const recordedSchema = z.strictObject({
  id: z.string(),
  index: z.int(),
  level: z.enum(['stored', 'proved', 'witnessed']),
  duplicate: z.literal(true).optional(),
})
const pausedSchema = z
  .strictObject({
    id: z.literal(''),
    index: z.literal(-1),
    level: z.literal('none'),
    paused: z.literal(true),
  })
  .describe('Left out, because recording of its tenant or project is paused or thinned.')
const refusedSchema = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    path: z.string().optional(),
    hint: z.string().optional(),
  }),
})
const countsSchema = z.strictObject({
  recorded: z.int(),
  duplicates: z.int(),
  refused: z.int(),
  paused: z.int().optional(),
})

const NDJSON = 'application/x-ndjson'
const CLOUDEVENT = 'application/cloudevents+json'
const CLOUDEVENTS = 'application/cloudevents-batch+json'

/** Records events: one, many, or a stream of them. */
export const recordEvents = defineRoute({
  id: 'recordEvents',
  method: 'POST',
  path: '/v1/events',
  tag: 'recording',
  summary: 'Records one event, an array of them, a stream of lines, or CloudEvents',
  permission: 'record',
  query: parameters,
  body: 'raw',
  bodySchemas: { 'application/json': z.union([draftSchema, z.array(draftSchema)]) },
  // The last is CloudEvents in binary mode: data of any type, with ce-* headers.
  consumes: ['application/json', NDJSON, CLOUDEVENT, CLOUDEVENTS, '*/*'],
  responses: {
    200: {
      description:
        'Many: each result in its place. NDJSON is answered by NDJSON: a result for each line, and a last line with the counts.',
      schema: z.union([
        z.strictObject({
          results: z.array(z.union([recordedSchema, pausedSchema, refusedSchema])),
          counts: countsSchema,
          requestId: z.string(),
        }),
        z
          .strictObject({
            counts: countsSchema,
            errors: z.array(refusedSchema.shape.error.extend({ position: z.int() })),
            requestId: z.string(),
          })
          .describe('With `answer=summary`.'),
        pausedSchema,
      ]),
    },
    201: { description: 'One: recorded, or known by its idempotency key.', schema: recordedSchema },
  },
  async handle(call, context) {
    const { headers } = call
    const encoding = headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity')
      throw notTaken(`Content-Encoding ${JSON.stringify(encoding)}`, 'Send it unpacked.')
    const [media = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
    const type = media.trim()
    const isBinary = headers['ce-specversion'] !== undefined && type !== CLOUDEVENT && type !== CLOUDEVENTS
    if (isBinary) return await recordCloudEvents(call, context, 'binary')
    const charset = parameters.map(one => one.trim()).find(one => one.startsWith('charset='))
    if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
      throw notTaken('Another charset than UTF-8', 'Send UTF-8.')
    switch (type) {
      case 'application/json':
        return await recordJson(call, context)
      case NDJSON:
        return await recordStream(call, context)
      case CLOUDEVENT:
        return await recordCloudEvents(call, context, 'one')
      case CLOUDEVENTS:
        return await recordCloudEvents(call, context, 'batch')
      default:
        throw notTaken(
          `Content type ${JSON.stringify(type)}`,
          `Send application/json, ${NDJSON}, ${CLOUDEVENT} or ${CLOUDEVENTS}.`,
        )
    }
  },
})

function notTaken(what: string, hint: string): HttpError {
  return new HttpError(415, 'ANNALS_INVALID', `${what} is not taken.`, { hint })
}
