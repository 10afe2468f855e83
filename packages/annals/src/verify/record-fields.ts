/** Where the pieces of a stored record lie in the bytes that it is read from. */
export interface RecordFields {
  readonly entryAt: number
  readonly entryEnd: number
  /** Parts in the record. */
  readonly count: number
  readonly names: readonly string[]
  readonly erased: readonly boolean[]
  /** Where the references of a part's subject keys begin, 32 bytes each. */
  readonly keysAt: readonly number[]
  readonly keys: readonly number[]
  readonly partAt: readonly number[]
  readonly partLength: readonly number[]
  /** CRC-32 of each part, where the form of the segment has one. */
  readonly partCrc: readonly number[] | undefined
}
