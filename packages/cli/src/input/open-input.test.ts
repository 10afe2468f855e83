import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { collect } from '../testing/collect.ts'
import { temporaryDirectories } from '../testing/temporary.ts'
import { openInput } from './open-input.ts'

const temporary = temporaryDirectories()
const TEXT = 'a line\n'.repeat(20_000)

async function read(name: string, stdin: Readable = Readable.from([])): Promise<string> {
  return Buffer.concat(await collect(await openInput(name, { stdin }))).toString()
}

test('gzip is known by its bytes, not by its name', async () => {
  const file = join(temporary(), 'plain.txt')
  writeFileSync(file, gzipSync(TEXT))
  expect(await read(file)).toBe(TEXT)
})

test('stdin, plain and gzip, also a byte at a time', async () => {
  expect(await read('-', Readable.from([Buffer.from(TEXT)]))).toBe(TEXT)
  const zipped = gzipSync('hello')
  expect(await read('-', Readable.from([...zipped].map(byte => Buffer.from([byte]))))).toBe('hello')
})

test('an empty and a one-byte input', async () => {
  expect(await read('-')).toBe('')
  expect(await read('-', Readable.from([Buffer.from('x')]))).toBe('x')
})

test('a damaged gzip file is an error', async () => {
  const zipped = gzipSync(TEXT)
  await expect(read('-', Readable.from([zipped.subarray(0, zipped.length / 2)]))).rejects.toThrow()
})

test('a missing file is an error with its name', async () => {
  await expect(read('/nowhere/x')).rejects.toMatchObject({ code: 'ENOENT' })
})
