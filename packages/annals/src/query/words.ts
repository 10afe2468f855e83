import { fold } from './fold.ts'

const WORD = /[\p{L}\p{N}]+/gu

/** A bare word at least this long (UTF-16 units) also finds longer words that begin with it. */
export const PREFIX_LENGTH = 3

/**
 * The words of a text in order: runs of letters and digits, folded.
 *
 * @example
 * ```ts
 * words('Deleted web-3!') // ['deleted', 'web', '3']
 * ```
 */
export function words(text: string): string[] {
  const folded = fold(text)
  const found: string[] = []
  let start = -1
  for (let at = 0; at < folded.length; at++) {
    const code = folded.charCodeAt(at)
    if (code > 127) return folded.match(WORD) ?? []
    const inWord = (code >= 97 && code <= 122) || (code >= 48 && code <= 57)
    if (inWord && start < 0) start = at
    else if (!inWord && start >= 0) {
      found.push(folded.slice(start, at))
      start = -1
    }
  }
  if (start >= 0) found.push(folded.slice(start))
  return found
}

/** Words to look for: each anywhere, or all of them whole, in this order and adjacent within one text. */
export interface WordTest {
  readonly words: readonly string[]
  readonly phrase: boolean
}

/**
 * Whether the texts hold the words. A bare word of three or more units is found as the beginning of a word, a
 * shorter one only whole. Words never span two texts.
 *
 * @example
 * ```ts
 * holdsWords(['deleted rack 4'], { words: ['del', '4'], phrase: false }) // true
 * holdsWords(['deleted rack 4'], { words: ['deleted', '4'], phrase: true }) // false
 * ```
 */
export function holdsWords(texts: readonly string[], test: WordTest): boolean {
  const lists = texts.map(words)
  if (test.phrase) {
    return lists.some(list =>
      list.some((_, start) => test.words.every((word, offset) => list[start + offset] === word)),
    )
  }
  return test.words.every(word => lists.some(list => list.some(found => meetsWord(found, word))))
}

function meetsWord(found: string, wanted: string): boolean {
  return wanted.length >= PREFIX_LENGTH ? found.startsWith(wanted) : found === wanted
}
