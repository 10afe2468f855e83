import type { AuditEvent } from '../model/index.ts'
import type { Flag } from './flags.ts'

/** KEY or PATH of a field such as `tag.KEY`, and whether its case is ignored (it is for `:`, not for `=`). */
export interface FieldKey {
  readonly name: string
  readonly fold: boolean
}

interface Named {
  /** Canonical name; of a keyed field, the part before the dot. */
  readonly name: string
  readonly aliases?: readonly string[]
  /** One line for people. */
  readonly help: string
  /** A filter that works. */
  readonly example: string
  /** Needs only the entry's header, no part: action, outcome.result, phase, retention, recordedAt, index, id, operation. */
  readonly header?: true
  /** JSON pointers of all it looks at. @defaultValue anything */
  readonly reads?: readonly string[]
}

/** A field whose values are strings. */
export interface StringField extends Named {
  /**
   * - `text`: `:` ignores case and takes wildcards
   * - `choice`: the same, and only `choices` can match
   * - `path`: dotted paths, by segments
   * - `address`: IP addresses and networks
   * - `error`: a code, or words of a message
   */
  readonly kind: 'text' | 'choice' | 'path' | 'address' | 'error'
  /** What a filter is compared with; any may match. Empty: the field is absent. */
  readonly strings: (event: AuditEvent, key: FieldKey) => readonly string[]
  /** What the index has terms of, where that is less than `strings`. @defaultValue `strings` */
  readonly indexed?: (event: AuditEvent) => readonly string[]
  /** Set when `:` respects case. */
  readonly caseSensitive?: true
  readonly choices?: readonly string[]
  /** Set when the field is written with a key: how help names it. */
  readonly keyed?: 'KEY' | 'PATH'
  /** How an index finds it; absent, it does not. */
  readonly index?: {
    /** What its terms begin with, before the colon. */
    readonly prefix: string
    /** The terms are another field's and mean more than this one. */
    readonly shared?: true
    /** No term when the value is the event's id; looked up among the ids as well. */
    readonly orId?: true
    /** Values are also found as `type/value`; these are the terms of the types. */
    readonly typed?: string
    /** The value that nearly every event has and no term says; every event has some value. */
    readonly usual?: string
    /** Values are places of a document; terms have the dotted form only. */
    readonly places?: true
    /** Few distinct values: presence may be asked as "any term with the prefix". */
    readonly few?: true
  }
}

/** A field whose value is a number: a position, milliseconds, or milliseconds since the epoch. */
export interface NumberField extends Named {
  readonly kind: 'position' | 'duration'
  readonly number: (event: AuditEvent) => number | undefined
}

/** A field that compares one of the two times. */
export interface TimeField extends Named {
  readonly kind: 'time'
  /** Milliseconds since the epoch; NaN when the stored text is no time. */
  readonly number: (event: AuditEvent) => number
  readonly time: 'occurred' | 'recorded'
  /** `after` and `before` are bounds; `at` means a relative time as an instant, `during` as the time since. */
  readonly mode: 'after' | 'before' | 'during' | 'at'
}

/** A field of named yes-or-no questions. */
export interface FlagField extends Named {
  readonly kind: 'flag'
  readonly flags: readonly Flag[]
}

/** One entry of the field table: everything the language knows about a field. */
export type Field = StringField | NumberField | TimeField | FlagField

/** Whether `lo..hi` and the order operators may be used. */
export function isOrdered(field: Field): field is NumberField | TimeField {
  if (field.kind === 'time') return !isBound(field)
  return field.kind === 'position' || field.kind === 'duration'
}

/** Whether a field is itself a comparison: repeated, it narrows. */
export function isBound(field: Field): boolean {
  return field.kind === 'time' && (field.mode === 'after' || field.mode === 'before')
}
