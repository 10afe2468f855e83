import { fold } from './fold.ts'

const WORD = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\p{L}\p{N}])|[\p{L}\p{N}]+/gu
const UUID_LENGTH = 36
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u
const HYPHEN = 45

/** A bare word at least this long (UTF-16 units) also finds longer words that begin with it. */
export const PREFIX_LENGTH = 3

/**
 * The words of a text in order: runs of letters and digits, folded. A UUID is one word, so that its beginning finds it.
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
    if (code === HYPHEN && at - start === 8 && start >= 0 && uuidAt(folded, start)) at += UUID_LENGTH - 8
    const next = at < folded.length ? folded.charCodeAt(at) : 0
    if (next > 127) return folded.match(WORD) ?? []
    const inWord = isWordCode(next)
    if (inWord && start < 0) start = at
    else if (!inWord && start >= 0) {
      found.push(folded.slice(start, at))
      start = -1
    }
  }
  if (start >= 0) found.push(folded.slice(start))
  return found
}

function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57)
}

/** Whether a whole UUID begins here and no further letter or digit follows it. */
function uuidAt(text: string, start: number): boolean {
  const end = start + UUID_LENGTH
  if (text.length < end || text.charCodeAt(start + 13) !== HYPHEN || !UUID.test(text.slice(start, end)))
    return false
  const after = text.codePointAt(end)
  return after === undefined || !LETTER_OR_DIGIT.test(String.fromCodePoint(after))
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
