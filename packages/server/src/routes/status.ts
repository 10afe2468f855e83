import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'

const healthSchema = z.enum(['healthy', 'degraded', 'unhealthy'])
const count = z.int().min(0)
const instant = z.iso.datetime()

const statusSchema = z.strictObject({
  status: healthSchema.describe('The worst of the stages.'),
  stages: z.record(z.string(), z.strictObject({ health: healthSchema, reason: z.string().optional() })),
  version: z.string(),
  startedAt: instant,
  log: z.strictObject({
    origin: z.string(),
    period: z.enum(['hour', 'day', 'month']),
    size: count,
    waiting: count,
    failure: z.strictObject({ code: z.string(), at: instant }).optional(),
    checkpoint: z.strictObject({ size: count, at: instant.optional() }).optional(),
    chunks: z.strictObject({ open: count, closed: count, sealed: count, dropped: count, bytes: count }),
    watermark: count,
    holds: count,
    gaps: count,
  }),
  checkpointAgeSeconds: z.number().optional(),
  indexLag: count,
  streams: count,
  keys: count,
  disk: z.strictObject({ free: count, total: count }).optional(),
  runs: z.record(
    z.string(),
    z.strictObject({
      running: z.boolean(),
      next: instant,
      last: z
        .strictObject({
          begun: instant,
          ended: instant,
          outcome: z.enum(['done', 'partly', 'failed']),
          code: z.string().optional(),
          counts: z.record(z.string(), z.number()).optional(),
        })
        .optional(),
    }),
  ),
  requestId: z.string(),
})

/** How the server is. */
export const getStatus: Route = defineRoute({
  id: 'getStatus',
  method: 'GET',
  path: '/v1/status',
  tag: 'status',
  summary: 'How the server and its log are',
  permission: 'operate',
  responses: { 200: { description: 'Numbers, and whether somebody should look.', schema: statusSchema } },
  handle: async ({ id }, { status }) => ({ json: { ...(await status.report()), requestId: id } }),
})
