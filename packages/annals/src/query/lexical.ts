const SPACE = /\s/

/** Keywords of the language; capitals only. */
export const KEYWORDS: readonly string[] = ['AND', 'OR', 'NOT']

/** Whether a character ends a bare run: white space, quote, comma or parenthesis. */
export function endsBare(char: string): boolean {
  return char === '"' || char === ',' || char === '(' || char === ')' || SPACE.test(char)
}

/** Whether a character is white space. */
export function isSpace(char: string): boolean {
  return SPACE.test(char)
}

/** Whether a text is one bare run. */
export function isBare(text: string): boolean {
  if (text === '') return false
  for (let at = 0; at < text.length; at++) if (endsBare(text.charAt(at))) return false
  return true
}

/** Whether a text, written bare, is read as words to search for and not as something else. */
export function isBareText(text: string): boolean {
  if (!isBare(text) || KEYWORDS.includes(text) || text === '*' || text.startsWith('-')) return false
  return !text.includes(':') && !text.includes('=')
}

/** A text in quotes; `\"` and `\\` are the only escapes. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
