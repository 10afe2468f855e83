import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { layoutOf } from './layout.ts'
import { readHolder, WriterLock } from './lock.ts'

it('a lock that cannot be taken completely is not kept: the same process can try again', () => {
  const dir = mkdtempSync(join(tmpdir(), 'annals-lock-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const layout = layoutOf(dir)
  mkdirSync(layout.holder)
  expect(() => WriterLock.take(layout)).toThrow('EISDIR')
  rmdirSync(layout.holder)
  const lock = WriterLock.take(layout)
  expect(() => WriterLock.take(layout)).toThrow(expect.objectContaining({ code: 'ANNALS_LOCKED' }))
  lock.release()
  WriterLock.take(layout).release()
})

it('a holder is described without its arguments, which may name whom it erases', () => {
  const dir = mkdtempSync(join(tmpdir(), 'annals-lock-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const given = process.argv
  onTestFinished(() => {
    process.argv = given
  })
  process.argv = ['node', '/opt/tools/erase.js', 'user/alice-1', '--person', 'alice-1']
  const layout = layoutOf(dir)
  const lock = WriterLock.take(layout)
  expect(readHolder(layout)?.command).toBe('erase.js')
  expect(readFileSync(layout.holder, 'utf8')).not.toContain('alice')
  lock.release()
})
