import { nearest } from 'annals/model'
import type { Failure } from './failure.ts'

/** What to do about a failure: its own advice, the nearest known names, or all of them. */
export function hintOf({ hint, choice }: Pick<Failure, 'hint' | 'choice'>): string | undefined {
  const parts: string[] = []
  if (choice !== undefined) {
    const [close] = nearest(choice.given, choice.known, 1)
    parts.push(close === undefined ? `Known: ${choice.known.join(', ')}.` : `Did you mean ${close}?`)
  }
  if (hint !== undefined) parts.push(sentence(hint))
  return parts.length === 0 ? undefined : parts.join(' ')
}

/** Hints of the kernel are clauses; at a terminal they stand alone. */
function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.?!]$/.test(start) ? start : `${start}.`
}
