import { AnnalsError } from '../model/index.ts'
import type { Admitted } from './item.ts'
import { parsePart } from './parse-part.ts'

/** What two uses of one idempotency key must agree in. */
export type Content = Pick<Admitted, 'action' | 'phase' | 'operation' | 'retention' | 'parts'> & {
  readonly content: { readonly outcome: Pick<Admitted['content']['outcome'], 'result'> }
}

/**
 * Whether two uses of an idempotency key say the same.
 *
 * @param timeless one of them gave no `occurredAt`, so the two may differ in it
 */
export function sameContent(a: Content, b: Content, timeless: boolean): boolean {
  return spell(a, timeless) === spell(b, timeless)
}

function spell(event: Content, timeless: boolean): string {
  const { action, phase, operation, retention, content } = event
  const parts = event.parts.map(({ name, json }) => (timeless && name === 'what' ? withoutTime(json) : json))
  return JSON.stringify([action, phase, operation, content.outcome.result, retention, parts])
}

/** Of the members only the event's own time goes: `data` may have one of the same name. */
function withoutTime(json: string): string {
  const { occurredAt: _, ...rest } = parsePart(json) as Record<string, unknown>
  return JSON.stringify(rest)
}

/** The refusal of a second use that says something else. */
export function keyConflict(event: Admitted, index: number): AnnalsError {
  const where = index >= 0 ? `the event at position ${index}` : 'an event that is being recorded'
  return new AnnalsError(
    'ANNALS_CONFLICT',
    `The idempotency key belongs to ${where}, whose content differs.`,
    {
      path: event.content.source === undefined ? '/id' : '/source/id',
      hint: 'Use a new key for a new event.',
    },
  )
}
