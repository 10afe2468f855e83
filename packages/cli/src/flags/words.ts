import type { ColorWish } from '../output/terminal.ts'

/** A negated query term such as `-outcome:success` or `-"rack 4"`, which is no flag though it begins like one. */
const NEGATED_TERM = /^-(?:[A-Za-z][A-Za-z.]+[\w./-]*[:=]|["(])/

/**
 * The words of a command line made fit for the flag parser: a negated query term gets a space in front, which the query
 * language ignores. After `--` nothing is touched.
 *
 * @example
 * ```ts
 * preparedWords(['list', '-outcome:success']) // ['list', ' -outcome:success']
 * ```
 */
export function preparedWords(words: readonly string[]): string[] {
  const end = words.indexOf('--')
  return words.map((word, at) => ((end < 0 || at < end) && NEGATED_TERM.test(word) ? ` ${word}` : word))
}

/** When to colour an error, also one of words that could not be parsed. */
export function colorWish(words: readonly string[]): ColorWish {
  const at = words.indexOf('--color')
  const given =
    at < 0 ? words.find(word => word.startsWith('--color='))?.slice('--color='.length) : words[at + 1]
  return given === 'always' || given === 'never' ? given : 'auto'
}

/** Whether the words ask for JSON, also when they could not be parsed: then errors are JSON as well. */
export function wantsJson(words: readonly string[]): boolean {
  return words.some((word, at) => {
    if (word === '-ojson' || word === '--output=json') return true
    return word === 'json' && (words[at - 1] === '-o' || words[at - 1] === '--output')
  })
}
