const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })
const ASCII = /^[\x20-\x7e]*$/
// East Asian wide and full-width blocks, and pictures: two cells in every common terminal.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const COMBINING = /^\p{M}+$/u

/** Splits into what a reader sees as characters. */
export function graphemes(text: string): string[] {
  return ASCII.test(text) ? [...text] : Array.from(SEGMENTER.segment(text), part => part.segment)
}

/** Cells that a text without control characters takes on a terminal. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let cells = 0
  for (const part of graphemes(text)) cells += cellsOf(part)
  return cells
}

function cellsOf(part: string): number {
  if (COMBINING.test(part)) return 0
  return WIDE.test(part) ? 2 : 1
}

/** Where a value that is too long loses characters: identifiers keep both ends, prose its beginning. */
export type Cut = 'middle' | 'end'

/**
 * The text within a number of cells, the ellipsis marking what is left out.
 *
 * @example
 * ```ts
 * fit('0198c0de-7QK', 7, 'middle', '…') // '019…7QK'
 * ```
 */
export function fit(text: string, cells: number, cut: Cut, ellipsis: string): string {
  if (widthOf(text) <= cells) return text
  const room = cells - widthOf(ellipsis)
  if (room <= 0) return take(graphemes(text), cells).join('')
  const parts = graphemes(text)
  if (cut === 'end') return take(parts, room).join('') + ellipsis
  const tail = take(parts.toReversed(), Math.floor(room / 2)).toReversed()
  return take(parts, room - Math.floor(room / 2)).join('') + ellipsis + tail.join('')
}

function take(parts: readonly string[], cells: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const part of parts) {
    used += cellsOf(part)
    if (used > cells) break
    taken.push(part)
  }
  return taken
}

/** The text filled with spaces up to a number of cells. */
export function pad(text: string, cells: number, side: 'left' | 'right' = 'right'): string {
  const fill = ' '.repeat(Math.max(0, cells - widthOf(text)))
  return side === 'right' ? text + fill : fill + text
}
