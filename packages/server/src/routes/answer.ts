import { z } from 'zod'
import { gapSchema } from '../gaps/gap.ts'
import type { ToldGap } from '../gaps/gaps.ts'

/** What every answer about events tells of the log it was made from. */
export interface AnswerFacts {
  /** Everything below this position was searched. */
  readonly watermark: number
  /** Size of the log that the answer is a picture of. */
  readonly asOf: number
  readonly requestId: string
  /** Times within what was asked of which events may be missing. */
  readonly gaps: readonly ToldGap[]
}

/** The schema of an answer about events. */
export function answerSchema<S extends z.ZodRawShape>(shape: S): z.ZodType {
  return z.strictObject({
    ...shape,
    watermark: z.int().min(0),
    asOf: z.int().min(0),
    gaps: z.array(gapSchema),
    requestId: z.string(),
  })
}

/** An answer about events. */
export function answerOf(content: object, { watermark, asOf, requestId, gaps }: AnswerFacts): object {
  return { ...content, watermark, asOf, gaps, requestId }
}
