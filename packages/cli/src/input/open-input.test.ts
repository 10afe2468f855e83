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

test('a gzip file that was cut off or changed is a failure that says so', async () => {
  const zipped = gzipSync(TEXT)
  await expect(read('-', Readable.from([zipped.subarray(0, zipped.length / 2)]))).rejects.toMatchObject({
    exit: 1,
    message: 'standard input ends too early',
    why: 'its gzip data is cut off',
    hint: expect.stringContaining('gzip -t'),
  })
  const file = join(temporary(), 'x.gz')
  writeFileSync(file, Buffer.concat([zipped.subarray(0, 10), Buffer.alloc(20, 0xff)]))
  await expect(read(file)).rejects.toMatchObject({ exit: 1, message: `${file} is damaged` })
})

test('a missing file is an error with its name', async () => {
  await expect(read('/nowhere/x')).rejects.toMatchObject({ code: 'ENOENT' })
})
