import type { Terminal } from './terminal.ts'

/** A way to set text off. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'bold' | 'plain'

const CODES: Readonly<Record<Tone, readonly [on: string, off: string]>> = {
  good: ['\u001b[32m', '\u001b[39m'],
  bad: ['\u001b[31m', '\u001b[39m'],
  warn: ['\u001b[33m', '\u001b[39m'],
  dim: ['\u001b[2m', '\u001b[22m'],
  bold: ['\u001b[1m', '\u001b[22m'],
  plain: ['', ''],
}

/** The text in a tone, where the terminal has colour. */
export function paint(terminal: Terminal, tone: Tone, text: string): string {
  if (!terminal.color || text === '') return text
  const [on, off] = CODES[tone]
  return on + text + off
}

/** Tone of an outcome; the words differ too, so colour is never the only sign. */
export function outcomeTone(result: string): Tone {
  if (result === 'success') return 'good'
  if (result === 'failure') return 'bad'
  if (result === 'denied') return 'warn'
  return 'dim'
}

/** Symbols of our own, with a fallback for terminals that speak ASCII only. */
export interface Symbols {
  readonly ellipsis: string
  readonly arrow: string
  readonly dot: string
  readonly minus: string
  readonly bar: string
}

const UNICODE: Symbols = { ellipsis: '…', arrow: '→', dot: '·', minus: '−', bar: '█' }
const ASCII: Symbols = { ellipsis: '..', arrow: '->', dot: '-', minus: '-', bar: '#' }

/** The symbols a terminal can show. */
export function symbolsOf(terminal: Terminal): Symbols {
  return terminal.unicode ? UNICODE : ASCII
}
