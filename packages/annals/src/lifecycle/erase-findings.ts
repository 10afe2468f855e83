/** A part that was found, with the keys of the persons in question that it has. */
export interface FoundPart {
  readonly index: number
  readonly name: string
  /** Ids of subject keys, 16 bytes in latin1. */
  readonly keys: readonly string[]
  /** It names a person without being keyed to one of those to be erased. */
  readonly mention: boolean
}

/** What was found for a request, before holds. */
export interface Findings {
  readonly parts: readonly FoundPart[]
  /** Ids of subject keys that nothing new is recorded under. */
  readonly keys: ReadonlySet<string>
  /** Persons of whom there is a key. */
  readonly persons: number
  /** Parts that name a person and are only reported. */
  readonly reported: number
  /** Parts that name a person and explain the log itself: they stay. */
  readonly explaining: number
}
