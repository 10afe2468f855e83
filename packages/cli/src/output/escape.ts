/**
 * Characters that act on a terminal or cannot be seen: controls, format characters (bidi, zero width, tags), line and paragraph
 * separators, lone surrogates, everything Unicode lets a renderer ignore, and the empty Braille cell.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu

const CONTROLS = /(?![\t\r\n])\p{Cc}/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * A text with everything that a terminal would obey or hide made visible, so that an actor named `ESC ]0;…` prints as text.
 *
 * @example
 * ```ts
 * visible('\u001b[2J\u202eevil') // '\\u{1b}[2J\\u{202e}evil'
 * ```
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, character => SHORT[character] ?? escapeOf(character))
}

/**
 * A csv cell without what a terminal obeys: control characters are made visible, except tab and line ends, which csv quotes. All
 * else stays for the program that reads the file.
 */
export function visibleCell(text: string): string {
  return text.replace(CONTROLS, escapeOf)
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/**
 * JSON text with the same characters written as `\u` escapes: the value is unchanged, and a terminal obeys nothing.
 * Insignificant white space of the JSON itself is left alone.
 */
export function visibleJson(json: string): string {
  return json.replace(UNSEEN, character => (character === '\n' ? character : unitsOf(character)))
}

function unitsOf(character: string): string {
  let units = ''
  for (let at = 0; at < character.length; at++) {
    units += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  }
  return units
}
