import { symbolsOf } from './style.ts'
import type { Terminal } from './terminal.ts'

/** `auto`: a bar on a terminal, else a line now and then; `json`: objects for machines. */
export type ProgressStyle = 'auto' | 'json' | 'none'

/** A running display of how far a command is. */
export interface Progress {
  /** Shows a count; `total` may become known later. Cheap to call for every event. */
  update(done: number, total?: number): void
  /** Removes the bar, or writes the last line. */
  end(): void
  /** Whether a bar is on the screen now. */
  readonly visible: boolean
}

/** What {@link startProgress} needs. */
export interface ProgressOptions {
  readonly label: string
  readonly unit: string
  readonly total?: number | undefined
  readonly style: ProgressStyle
  readonly terminal: Terminal
  readonly write: (text: string) => void
  /** Milliseconds that only go forward. @defaultValue performance.now */
  readonly clock?: () => number
}

const BAR_EVERY_MS = 100
const LINE_EVERY_MS = 10_000
const BAR_CELLS = 20

/** Starts a display; with style `none` one that shows nothing. */
export function startProgress(options: ProgressOptions): Progress {
  const { label, unit, style, terminal, write, clock = () => performance.now() } = options
  const started = clock()
  const bar = style === 'auto' && terminal.isTTY
  const every = bar ? BAR_EVERY_MS : LINE_EVERY_MS
  let done = 0
  let total = options.total
  let shown = started
  let visible = false

  const show = (): void => {
    const facts = factsOf(done, total, clock() - started)
    if (style === 'json')
      write(`${JSON.stringify({ progress: { label, unit, done, total: total ?? null, ...facts } })}\n`)
    else if (bar) write(`\r\u001b[K${barLine(label, unit, done, total, facts, terminal)}`)
    else write(`${label}: ${textOf(unit, done, total, facts)}\n`)
    visible = bar
  }
  return {
    update(count, of): void {
      done = count
      total = of ?? total
      if (style === 'none' || clock() - shown < every) return
      shown = clock()
      show()
    },
    end(): void {
      if (visible) write('\r\u001b[K')
      else if (style === 'json') show()
      visible = false
    },
    get visible(): boolean {
      return visible
    },
  }
}

interface Facts {
  /** Units a second since the start. */
  readonly rate: number
  /** Seconds left, where the total is known. */
  readonly eta: number | null
}

function factsOf(done: number, total: number | undefined, elapsedMs: number): Facts {
  const rate = elapsedMs > 0 ? Math.round((done / elapsedMs) * 1000) : 0
  return { rate, eta: total === undefined || rate === 0 ? null : Math.ceil(Math.max(0, total - done) / rate) }
}

function textOf(unit: string, done: number, total: number | undefined, { rate, eta }: Facts): string {
  const count = total === undefined ? grouped(done) : `${grouped(done)} of ${grouped(total)}`
  return `${count} ${unit}, ${grouped(rate)}/s${eta === null ? '' : `, ${eta} s left`}`
}

function barLine(
  label: string,
  unit: string,
  done: number,
  total: number | undefined,
  facts: Facts,
  terminal: Terminal,
): string {
  const full =
    total === undefined || total === 0 ? 0 : Math.min(BAR_CELLS, Math.floor((done / total) * BAR_CELLS))
  const bar =
    total === undefined ? '' : `[${symbolsOf(terminal).bar.repeat(full)}${' '.repeat(BAR_CELLS - full)}] `
  return `${label} ${bar}${textOf(unit, done, total, facts)}`.slice(0, Math.max(0, terminal.columns - 1))
}

/** A count with thousands separators. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
