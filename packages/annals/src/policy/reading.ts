import { didYouMean, formatPointer, isPlain } from '../model/index.ts'

/** A mistake in a policy. */
export interface PolicyIssue {
  /** JSON pointer of the place. */
  readonly path: string
  readonly message: string
  readonly hint?: string
}

/** Segments of the place that is being read. */
export type At = readonly (string | number)[]

/** Reads what may be anything, and collects every mistake in it. */
export class Reading {
  readonly issues: PolicyIssue[] = []

  refuse(at: At, message: string, hint?: string): undefined {
    const path = formatPointer(at)
    this.issues.push(hint === undefined ? { path, message } : { path, message, hint })
    return undefined
  }

  /** An object without unknown members. */
  object(at: At, value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> | undefined {
    const object = this.map(at, value)
    for (const name of Object.keys(object ?? {})) {
      if (!known.includes(name))
        this.refuse(
          [...at, name],
          'unknown key',
          didYouMean(name, known) ?? `known keys: ${known.join(', ')}`,
        )
    }
    return object
  }

  /** An object whose members have names of the writer's own. */
  map(at: At, value: unknown): Readonly<Record<string, unknown>> | undefined {
    return isPlain(value) ? value : this.refuse(at, 'must be an object')
  }

  list(at: At, value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value
    this.refuse(at, 'must be a list')
    return []
  }

  word<T extends string>(at: At, value: unknown, known: readonly T[]): T | undefined {
    const word = known.find(one => one === value)
    if (word !== undefined) return word
    const near = typeof value === 'string' ? didYouMean(value, known) : undefined
    return this.refuse(at, `must be one of ${known.join(', ')}`, near)
  }

  text(at: At, value: unknown): string | undefined {
    return typeof value === 'string' && value !== ''
      ? value
      : this.refuse(at, 'must be a text that is not empty')
  }

  /** One text or a list of texts, each of which `isGood`; undefined is nothing. */
  texts(
    at: At,
    value: unknown,
    isGood: (text: string) => boolean,
    wanted: string,
  ): readonly string[] | undefined {
    if (value === undefined) return undefined
    const list = Array.isArray(value) ? value : [value]
    if (list.length === 0) return this.refuse(at, 'must not be empty: it would fit nothing')
    const good: string[] = []
    for (const [index, text] of list.entries()) {
      if (typeof text === 'string' && text !== '' && isGood(text)) good.push(text)
      else this.refuse(Array.isArray(value) ? [...at, index] : at, `must be ${wanted}`)
    }
    return good
  }

  /** A whole number of at least 1. */
  count(at: At, value: unknown, unit: string): number | undefined {
    return Number.isSafeInteger(value) && (value as number) >= 1
      ? (value as number)
      : this.refuse(at, `must be a whole number of ${unit} from 1`)
  }
}
