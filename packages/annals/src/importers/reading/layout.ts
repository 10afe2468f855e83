/**
 * Whether the first line of an input is the beginning of a JSON document, and not a damaged record with others after it.
 * To be asked only when the line is no JSON by itself. Documents break their lines outside strings, inside a bracket, and the
 * next line goes on where the first stopped; or they are one line with records inside, of which one is damaged.
 *
 * @param next first character after the line that is no white space; empty at the end of the input
 * @example
 * ```ts
 * beginsDocument('{"Records": [', '{', ['Records']) // true
 * beginsDocument('{"cut":', '{', ['Records'])       // false
 * ```
 */
export function beginsDocument(line: string, next: string, envelopes: readonly string[]): boolean {
  const text = line.trim()
  if (!/^[[{]/.test(text)) return false
  const open = openBrackets(text)
  if (open === undefined) return false
  const innermost = open.at(-1)
  if (innermost === undefined)
    return text.startsWith('[') || envelopes.some(name => text.includes(JSON.stringify(name)))
  const last = text.at(-1)
  if (last === ':') return next !== '{' && next !== ''
  if (last === '[' || (last === ',' && innermost === '[')) return next !== ''
  if (last === '{' || last === ',') return next === '"' || next === '}'
  return next !== '' && ',]}'.includes(next)
}

/** The brackets that are open where the text ends; undefined when it ends in a string or closes what it never opened. */
function openBrackets(text: string): string[] | undefined {
  const open: string[] = []
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (inString) {
      if (character === '\\') at += 1
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '[' || character === '{') open.push(character)
    else if (character === ']' || character === '}') {
      // A damaged record may close too little; what is around it closes the rest.
      const match = open.lastIndexOf(character === ']' ? '[' : '{')
      if (match < 0) return undefined
      open.length = match
    }
  }
  return inString ? undefined : open
}
