import { execFileSync } from 'node:child_process'
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tarOf } from './tar.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'annals-tar-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('the tar of the system reads it', async () => {
  const from = join(root, 'from')
  const to = join(root, 'to')
  mkdirSync(from)
  mkdirSync(to)
  const sizes = { empty: 0, one: 1, 'block-1': 511, block: 512, block_1: 513, large: 700_001 }
  for (const [name, size] of Object.entries(sizes))
    writeFileSync(join(from, name), Buffer.alloc(size, `${name} €`))
  await pipeline(tarOf(from, Object.keys(sizes)), createWriteStream(join(root, 'a.tar')))
  execFileSync('tar', ['-xf', join(root, 'a.tar'), '-C', to])
  expect(readdirSync(to).sort()).toEqual(Object.keys(sizes).sort())
  for (const name of Object.keys(sizes))
    expect(readFileSync(join(to, name)).equals(readFileSync(join(from, name)))).toBe(true)
})

it('a file above 8 GiB has its size in base 256', async () => {
  const size = 9 * 1024 ** 3 + 5
  writeFileSync(join(root, 'sparse'), '')
  truncateSync(join(root, 'sparse'), size)
  const pieces = tarOf(root, ['sparse'])
  const { value: header } = await pieces.next()
  await pieces.next()
  await pieces.return(undefined)
  writeFileSync(join(root, 'head.tar'), Buffer.concat([header as Uint8Array, Buffer.alloc(512)]))
  let listed: string
  try {
    listed = execFileSync('tar', ['-tvf', join(root, 'head.tar')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString()
  } catch (error) {
    // It complains of the content that is not there, after it has told what should be.
    listed = String((error as { stdout: Buffer }).stdout)
  }
  expect(listed).toContain(String(size))
})

it('names that lead elsewhere are refused', async () => {
  writeFileSync(join(root, 'x'), '')
  for (const name of ['../x', 'a/b', '', 'é', 'x'.repeat(101)])
    await expect(Array.fromAsync(tarOf(root, [name]))).rejects.toThrow()
})
