/** Bounds of one event. An application may lower them, never raise them. */
export interface Limits {
  /** Largest event as canonical JSON, in UTF-8 bytes. @defaultValue 262144 */
  readonly eventBytes: number
  /** Deepest nesting of arrays and objects. @defaultValue 32 */
  readonly depth: number
  /** @defaultValue 64 */
  readonly targets: number
  /** Entries of `tags`, and also of `topics`. @defaultValue 64 */
  readonly tags: number
  /** Entries of `changes`, and also of `notes`. @defaultValue 512 */
  readonly changes: number
  /** Longest identifier, name, tag, path or address, in UTF-8 bytes. @defaultValue 512 */
  readonly identifierBytes: number
}

/** The shipped bounds, also the highest allowed. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  eventBytes: 262_144,
  depth: 32,
  targets: 64,
  tags: 64,
  changes: 512,
  identifierBytes: 512,
})

/**
 * The default limits with some lowered.
 *
 * @throws TypeError for an unknown name, a value that is no positive integer, or one above the default
 * @example
 * ```ts
 * lowerLimits({ eventBytes: 65_536 }).targets // 64
 * ```
 */
export function lowerLimits(lower: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(lower)) {
    const highest = (DEFAULT_LIMITS as unknown as Record<string, number | undefined>)[name]
    if (highest === undefined)
      throw new TypeError(`limits.${name}: no such limit; known: ${Object.keys(DEFAULT_LIMITS).join(', ')}`)
    if (!Number.isSafeInteger(value) || value < 1 || value > highest) {
      throw new TypeError(`limits.${name}: must be an integer from 1 to ${highest}, got ${value}`)
    }
  }
  return Object.freeze({ ...DEFAULT_LIMITS, ...lower })
}
