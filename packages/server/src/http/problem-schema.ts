import { z } from 'zod'

/** A problem as OpenAPI tells it: {@link Problem} of problem.ts. */
export const problemSchema: z.ZodType = z
  .strictObject({
    type: z.string().describe('`urn:annals:error:CODE`.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    code: z.string().describe('What to branch on: docs/reference/errors.md.'),
    requestId: z.string(),
    path: z.string().optional().describe('JSON pointer into the body, or the name of a parameter.'),
    position: z
      .array(z.int().min(0))
      .length(2)
      .optional()
      .describe('Range of UTF-16 positions in the query.'),
    hint: z.string().optional(),
    errors: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Every fault, where several were found.'),
  })
  .meta({ id: 'Problem' })
