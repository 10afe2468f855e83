import { expect, test } from 'vitest'
import { captureOutput, Kept } from '../testing/capture.ts'
import { Output } from './output.ts'
import { terminalOf } from './terminal.ts'

test('data goes to stdout, all else to stderr', async () => {
  const { output, stdout, stderr } = captureOutput()
  await output.data('row\n')
  output.note('note')
  output.complain('warning')
  await output.flush()
  expect(stdout.text).toBe('row\n')
  expect(stderr.text).toBe('note\nwarning\n')
})

test('quiet leaves out notes, never warnings', () => {
  const { output, stderr } = captureOutput({ quiet: true })
  output.note('note')
  output.complain('warning')
  expect(stderr.text).toBe('warning\n')
})

function broken(code: string): { output: Output; closed: () => number } {
  let closed = 0
  const stdout = new Kept()
  stdout._write = (_chunk, _encoding, done: (error?: Error) => void): void =>
    done(Object.assign(new Error('write failed'), { code }))
  const terminal = terminalOf({}, {}, 'auto')
  const output = new Output({
    stdout,
    stderr: new Kept(),
    out: terminal,
    err: terminal,
    quiet: false,
    progress: 'auto',
    onClosed: () => closed++,
  })
  return { output, closed: () => closed }
}

test('a reader that goes away is no error, and is told once', async () => {
  const { output, closed } = broken('EPIPE')
  await output.data('a')
  await output.flush()
  await output.data('b')
  await output.flush()
  expect(output.closed).toBe(true)
  expect(closed()).toBe(1)
})

test('a full disk is an error', async () => {
  const { output, closed } = broken('ENOSPC')
  await output.data('a')
  await expect(output.flush()).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(closed()).toBe(0)
})
