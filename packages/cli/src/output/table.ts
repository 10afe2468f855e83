import { paint, symbolsOf, type Tone } from './style.ts'
import type { Terminal } from './terminal.ts'
import { type Cut, fit, pad, widthOf } from './width.ts'

/** One column of a table on a terminal. */
export interface Column {
  readonly title: string
  /** Absent: the column is never cut. */
  readonly cut?: Cut
  /** Fewest cells of a column that may be cut, and its share of what there is to divide. @defaultValue 6 */
  readonly least?: number
  /** Left out when the terminal is too narrow even for cut columns; the largest number goes first. */
  readonly spare?: number
  readonly align?: 'left' | 'right'
  readonly tone?: (value: string) => Tone
}

/** The columns that are shown, in cells; `at` is the column's place in the row. */
export type Layout = readonly { readonly at: number; readonly column: Column; readonly cells: number }[]

const GAP = '  '
const LEAST = 6

/**
 * Decides how wide each column is so that a line fits: of the columns that may be cut the one furthest above its share loses
 * a cell until all fit, and where that is not enough, spare columns go.
 */
export function layOut(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): Layout {
  let shown = columns.map((column, at) => ({ at, column, cells: naturalWidth(column, at, rows) }))
  for (;;) {
    const least = lineWidth(shown.map(one => ({ ...one, cells: leastWidth(one.column, one.cells) })))
    const spare = shown.filter(one => one.column.spare !== undefined)
    if (least <= width || spare.length === 0) break
    const first = spare.reduce((a, b) => ((b.column.spare ?? 0) > (a.column.spare ?? 0) ? b : a))
    shown = shown.filter(one => one !== first)
  }
  while (lineWidth(shown) > width) {
    const cuttable = shown.filter(one => one.cells > leastWidth(one.column, one.cells))
    if (cuttable.length === 0) break
    const richest = cuttable.reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a))
    richest.cells--
  }
  return shown
}

function shareOf({ column, cells }: { readonly column: Column; readonly cells: number }): number {
  return cells / (column.least ?? LEAST)
}

function naturalWidth(column: Column, at: number, rows: readonly (readonly string[])[]): number {
  return rows.reduce((most, row) => Math.max(most, widthOf(row[at] ?? '')), widthOf(column.title))
}

function leastWidth(column: Column, cells: number): number {
  return column.cut === undefined
    ? cells
    : Math.min(cells, Math.max(column.least ?? LEAST, widthOf(column.title)))
}

function lineWidth(shown: readonly { readonly cells: number }[]): number {
  return shown.reduce((sum, one) => sum + one.cells, 0) + GAP.length * Math.max(0, shown.length - 1)
}

/** The head line of a layout. */
export function headLine(layout: Layout, terminal: Terminal): string {
  const titles = layout.map(({ column, cells }, place) =>
    cell(column.title, column, cells, place === layout.length - 1),
  )
  return paint(terminal, 'bold', titles.join(GAP))
}

/** One row in a layout; values must hold no control characters. */
export function rowLine(layout: Layout, row: readonly string[], terminal: Terminal): string {
  const { ellipsis } = symbolsOf(terminal)
  const cells = layout.map(({ at, column, cells }, place) => {
    const value = row[at] ?? ''
    const short = column.cut === undefined ? value : fit(value, cells, column.cut, ellipsis)
    return paint(
      terminal,
      column.tone?.(value) ?? 'plain',
      cell(short, column, cells, place === layout.length - 1),
    )
  })
  return cells.join(GAP)
}

function cell(text: string, column: Column, cells: number, last: boolean): string {
  if (column.align === 'right') return pad(text, cells, 'left')
  // No trailing spaces: they would wrap a line that just fits.
  return last ? text : pad(text, cells)
}
