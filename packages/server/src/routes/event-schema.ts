import { z } from 'zod'

// spec/event-v1.schema.json as zod: a test compares the two.

const uuid7 = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
const dotted = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/)
const instant = z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/)
const pointer = z
  .string()
  .max(512)
  .regex(/^(\/([^~/]|~[01])*)*$/)
const identifier = z.string().min(1).max(512)
const short = z.string().max(512)

const actor = z
  .strictObject({
    type: identifier,
    id: short,
    name: short.optional(),
    credential: z.strictObject({ type: identifier, id: identifier }).optional(),
    get onBehalfOf(): z.ZodOptional<z.ZodType> {
      return actor.optional()
    },
    unverified: z.literal(true).optional(),
  })
  .meta({ id: 'Actor' })

const result = z.enum(['success', 'failure', 'denied', 'unknown', 'pending'])

const outcome = z.strictObject({
  result,
  code: identifier.optional(),
  message: z.string().optional(),
  durationMs: z.number().min(0).optional(),
})

const target = z.strictObject({
  type: identifier,
  id: identifier,
  name: short.optional(),
  role: short.optional(),
})

const origin = z.strictObject({
  ip: identifier.optional(),
  userAgent: identifier.optional(),
  requestId: identifier.optional(),
  correlationId: identifier.optional(),
  causationId: identifier.optional(),
  traceId: identifier.optional(),
  spanId: identifier.optional(),
  sessionId: identifier.optional(),
  host: identifier.optional(),
  component: identifier.optional(),
})

const change = z.strictObject({
  path: pointer,
  op: z.enum(['add', 'remove', 'replace']),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  masked: z.literal(true).optional(),
})

const backfill = { by: identifier, basis: z.string().min(1) }
const note = z.strictObject({ path: pointer, reason: z.string() })
const visibility = z.enum(['public', 'owner', 'operator'])
const retention = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/)

/** An event as the API answers it: `spec/event-v1.md`. */
export const eventSchema: z.ZodType = z
  .strictObject({
    id: uuid7.describe('Given by the log; strictly increasing with index.'),
    index: z.int().min(0).describe('Dense position in the log, from 0.'),
    action: dotted,
    version: z.int().min(1),
    phase: z.enum(['single', 'attempt', 'outcome']),
    operation: uuid7,
    outcome,
    occurredAt: instant.describe('Claimed by the producer.'),
    recordedAt: instant.describe('Set by the log; never decreasing with index.'),
    actor,
    targets: z.array(target).max(64),
    tenant: identifier.optional(),
    project: identifier.optional(),
    origin,
    changes: z.array(change).min(1).max(512).optional(),
    topics: z.array(dotted).min(1).optional(),
    tags: z.record(z.string(), short).optional(),
    description: z.string().optional(),
    data: z.unknown().optional(),
    source: z.strictObject({ system: identifier, id: identifier }).optional(),
    backfill: z.strictObject({ ...backfill, enteredAt: instant }).optional(),
    truncated: z
      .array(
        z.strictObject({
          path: z.string(),
          bytes: z.int().min(0),
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
        }),
      )
      .min(1)
      .optional(),
    notes: z.array(note).min(1).max(512).optional(),
    visibility,
    retention,
    erased: z
      .array(z.string().regex(/^[a-z]{1,16}$/))
      .min(1)
      .optional()
      .describe('Names of the parts that were erased. What was in them is absent.'),
  })
  .meta({ id: 'AuditEvent' })

const time = z
  .union([z.string(), z.number()])
  .describe('ISO 8601 with a zone, or milliseconds since the epoch.')

/** What a producer sends, as OpenAPI tells it; the recorder checks it. */
export const draftSchema: z.ZodType = z
  .strictObject({
    action: dotted,
    id: identifier.optional().describe('Idempotency key: the same key with the same content records once.'),
    version: z.int().min(1).optional(),
    phase: z.enum(['single', 'attempt', 'outcome']).optional(),
    operation: uuid7.optional(),
    outcome: z.union([result, outcome]).optional(),
    occurredAt: time.optional(),
    actor: actor.optional(),
    targets: z.array(target).max(64).optional(),
    tenant: identifier.optional(),
    project: identifier.optional(),
    origin: origin.optional(),
    changes: z.array(change).max(512).optional(),
    topics: z.array(dotted).optional(),
    tags: z.record(z.string(), short).optional(),
    description: z.string().optional(),
    data: z.unknown().optional(),
    source: z.strictObject({ system: identifier, id: identifier }).optional(),
    backfill: z.strictObject({ ...backfill, enteredAt: time.optional() }).optional(),
    notes: z.array(note).max(512).optional(),
    visibility: visibility.optional(),
    retention: retention.optional(),
  })
  .meta({ id: 'Draft' })
