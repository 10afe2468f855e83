import { expect, test } from 'vitest'
import { type ProgressStyle, startProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

const TTY: Terminal = { isTTY: true, columns: 60, color: false, unicode: false }
const PIPE: Terminal = { ...TTY, isTTY: false }

function started(terminal: Terminal, style: ProgressStyle, total?: number) {
  let time = 0
  const written: string[] = []
  const progress = startProgress({
    label: 'verify',
    unit: 'entries',
    total,
    style,
    terminal,
    write: text => written.push(text),
    clock: () => time,
  })
  const at = (ms: number, done: number): void => {
    time = ms
    progress.update(done)
  }
  return { progress, at, written }
}

test('a bar on a terminal shows count, rate and time left, within one line', () => {
  const { progress, at, written } = started(TTY, 'auto', 4000)
  at(1000, 1000)
  expect(written.at(-1)).toBe(
    '\r\u001b[Kverify [#####               ] 1,000 of 4,000 entries, 1,000/'.slice(0, 3 + 1 + 59),
  )
  expect(progress.visible).toBe(true)
  progress.end()
  expect(written.at(-1)).toBe('\r\u001b[K')
})

test('a pipe gets a line each ten seconds', () => {
  const { at, written } = started(PIPE, 'auto', 100_000)
  at(100, 10)
  at(9_999, 500)
  expect(written).toEqual([])
  at(10_000, 1000)
  expect(written).toEqual(['verify: 1,000 of 100,000 entries, 100/s, 990 s left\n'])
})

test('machines get objects', () => {
  const { progress, at, written } = started(PIPE, 'json', 10)
  at(10_000, 5)
  progress.end()
  expect(JSON.parse(written[0] ?? '')).toEqual({
    progress: { label: 'verify', unit: 'entries', done: 5, total: 10, rate: 1, eta: 5 },
  })
})

test('none shows nothing', () => {
  const { progress, at, written } = started(TTY, 'none')
  at(60_000, 5)
  progress.end()
  expect(written).toEqual([])
})
