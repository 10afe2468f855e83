import { AnnalsError } from '../model/index.ts'
import type { Span } from './span.ts'

/** Throws the error of a bad query: what and why, where, and what to do about it. */
export function refuse(message: string, position?: Span, hint?: string): never {
  throw new AnnalsError('ANNALS_QUERY', message, {
    ...(position && { position }),
    ...(hint !== undefined && { hint }),
  })
}

/** Runs a reader of one value, and gives its refusal the place of that value. */
export function refusingAt<T>(position: Span | undefined, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AnnalsError) || error.position || !position) throw error
    return refuse(error.message, position, error.hint)
  }
}

/** A text for a message: quoted, and cut when long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
}
