/** What a cell may hold. Objects and arrays become JSON; null and undefined an empty cell. */
export type CsvValue = string | number | bigint | boolean | null | undefined | object

/** Options of {@link csvRow}. */
export interface CsvOptions {
  /** Write texts as they are, without the guard against formulas. @defaultValue false */
  readonly raw?: boolean | undefined
}

// A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection"), also after spaces, and after a quote or a
// separator where it splits cells in another way. The last four are the full-width forms of = + - @.
const FORMULA = /^[ \u00a0"'`,;|]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/

/**
 * One row of CSV (RFC 4180) with its line break CRLF. A text that a spreadsheet could run as a formula is prefixed with `'`, which
 * spreadsheets hide; numbers are not, for they are no formulas. `raw` switches the guard off for programs that read the file.
 *
 * @example
 * ```ts
 * csvRow(['machine.delete', '=1+1', 'say "hi"', -5]) // `machine.delete,'=1+1,"say ""hi""",-5\r\n`
 * ```
 */
export function csvRow(values: readonly CsvValue[], options: CsvOptions = {}): string {
  const cells = values.map(value => cell(value, options.raw === true))
  // One empty cell would be an empty line, which readers skip.
  return cells.length === 1 && cells[0] === '' ? '""\r\n' : `${cells.join(',')}\r\n`
}

function cell(value: CsvValue, raw: boolean): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const guarded = !raw && FORMULA.test(text) ? `'${text}` : text
  return NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
