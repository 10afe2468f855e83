import { AnnalsError } from '../model/index.ts'
import type { Admitted } from './item.ts'

/** What two uses of one idempotency key must agree in. */
export type Content = Pick<Admitted, 'action' | 'phase' | 'retention' | 'parts'> & {
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
  const parts = event.parts.map(part =>
    timeless ? part.json.replace(/"occurredAt":"[^"]*"/, '') : part.json,
  )
  return JSON.stringify([event.action, event.phase, event.content.outcome.result, event.retention, parts])
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
