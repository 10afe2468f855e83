/** Text in a cell of a table that Markdown takes for nothing but text. */
export function plain(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_[\]<>#~&|]/g, '\\$&')
}

/** Text in a cell of a table as code; a bar would end the cell also there. */
export function code(text: string): string {
  return text.includes('`') ? plain(text) : `\`${oneLine(text).replaceAll('|', '\\|')}\``
}

/** Without what cannot be seen: a page may be shown by a terminal. */
function oneLine(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
}
