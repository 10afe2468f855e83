/** Most UTF-16 units of one value in a sentence. */
const MOST = 200
const PLAIN = /^[\x20-\x7e]*$/
/** Controls, bidi and other format characters, lone surrogates, separators, ignorable characters, and the empty Braille cell. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu

/**
 * A text for people: characters that cannot be seen, or that change how others are shown, become `\u{…}`; what is longer
 * than 200 UTF-16 units is cut with an ellipsis. Not HTML: whoever makes HTML of it must escape it.
 *
 * @example
 * ```ts
 * visible('evil\u202Etxt') // 'evil\\u{202e}txt'
 * ```
 */
export function visible(text: string): string {
  const short = text.length > MOST ? `${wholePoints(text.slice(0, MOST))}…` : text
  return PLAIN.test(short) ? short : short.replaceAll(HIDDEN, spell)
}

/** Without the first half of a pair at the end. */
function wholePoints(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text
}

function spell(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
