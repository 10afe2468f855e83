import { canonicalizeString } from '@annals/tlog'
import { parsePart } from '../log/parse-part.ts'

/** Characters that join pieces to one identifier: `alice` is no word of `alice-2`, `alice.smith` or `x@alice.com`. */
const JOINS = '-_.@+'
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u

/**
 * Whether an id is peculiar enough that a text which holds it as a word must be about its owner: at least four characters,
 * not digits alone.
 */
export function isPeculiar(id: string): boolean {
  return [...id].length >= 4 && !/^\d+$/.test(id)
}

/** Whether a text holds an id as a whole word: no letter or digit touches it, nor joins it to more of an identifier. */
export function holdsWord(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    if (isFree(text, at, -1) && isFree(text, at + id.length, 1)) return true
  }
  return false
}

/** Whether nothing goes on with the word that begins (`step` -1) or ends (1) here. */
function isFree(text: string, edge: number, step: 1 | -1): boolean {
  const next = charAt(text, edge, step)
  if (LETTER_OR_DIGIT.test(next)) return false
  return !(next !== '' && JOINS.includes(next) && LETTER_OR_DIGIT.test(charAt(text, edge + step, step)))
}

/** The character after an edge, or before it; empty at the end of the text. */
function charAt(text: string, edge: number, step: 1 | -1): string {
  if (step === 1) return edge < text.length ? String.fromCodePoint(text.codePointAt(edge) as number) : ''
  if (edge <= 0) return ''
  const low = text.charCodeAt(edge - 1)
  return edge > 1 && low >= 0xdc00 && low < 0xe000 ? text.slice(edge - 2, edge) : text.charAt(edge - 1)
}

/** Looks for ids in the bytes of parts. */
export class MentionFinder {
  readonly #ids: readonly { readonly id: string; readonly bytes: Buffer }[]

  constructor(ids: readonly string[]) {
    this.#ids = ids.map(id => ({ id, bytes: Buffer.from(canonicalizeString(id).slice(1, -1)) }))
  }

  /** The ids that a part's canonical JSON holds as whole words, in names or values of whatever depth. */
  in(bytes: Buffer): readonly string[] {
    // Most parts hold none of them: only one that may is parsed.
    const possible = this.#ids.filter(one => bytes.includes(one.bytes))
    if (possible.length === 0) return []
    const texts = textsOf(parsePart(bytes.toString('utf8')))
    return possible.filter(({ id }) => texts.some(text => holdsWord(text, id))).map(({ id }) => id)
  }
}

function textsOf(value: unknown): string[] {
  const texts: string[] = []
  const waiting = [value]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (typeof one === 'string') texts.push(one)
    else if (typeof one === 'number') texts.push(String(one))
    else if (Array.isArray(one)) waiting.push(...(one as unknown[]))
    else if (typeof one === 'object' && one !== null) {
      texts.push(...Object.keys(one))
      waiting.push(...Object.values(one))
    }
  }
  return texts
}
