import { z } from 'zod'

/** What the path of an entity says. */
export const entityParameters = z.strictObject({
  type: z.string().min(1).max(512),
  id: z.string().min(1).max(512),
})

/** An event that is referred to. */
export const eventRefSchema: z.ZodType = z.strictObject({
  index: z.int(),
  id: z.string(),
  action: z.string(),
  occurredAt: z.string(),
})
