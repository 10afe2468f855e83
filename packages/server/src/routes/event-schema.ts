import { z } from 'zod'

/** An event as the API answers it: `spec/event-v1.md`. */
export const eventSchema: z.ZodType = z
  .looseObject({ id: z.string(), index: z.int(), action: z.string() })
  .meta({ id: 'AuditEvent' })
