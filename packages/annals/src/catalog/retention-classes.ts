/** How long events of a class are kept: days since they were recorded, or for ever. By class name. */
export type RetentionClasses = Readonly<Record<string, number | 'forever'>>

/** The shipped classes. An application may add some and change all but `ledger`, which explains the rest of the log. */
export const RETENTION_CLASSES: RetentionClasses = Object.freeze({
  standard: 180,
  security: 400,
  personal: 90,
  ledger: 'forever',
})

/**
 * The shipped classes with some added or changed.
 *
 * @throws TypeError for a bad name (`[a-z][a-z0-9-]{0,31}`), days that are no positive integer, or a changed `ledger`
 * @example
 * ```ts
 * retentionClasses({ payments: 3650 })['payments'] // 3650
 * ```
 */
export function retentionClasses(added: RetentionClasses = {}): RetentionClasses {
  for (const [name, days] of Object.entries(added)) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
      throw new TypeError(`retention class '${name}': names match [a-z][a-z0-9-]{0,31}`)
    if (days !== 'forever' && !(Number.isSafeInteger(days) && days > 0)) {
      throw new TypeError(
        `retention class '${name}': must be a positive number of whole days or 'forever', got ${String(days)}`,
      )
    }
    if (name === 'ledger' && days !== 'forever')
      throw new TypeError("retention class 'ledger' is kept for ever: it explains the rest of the log")
  }
  return Object.freeze({ ...RETENTION_CLASSES, ...added })
}
