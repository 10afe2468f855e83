import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { archive } from '../../packages/annals/src/lifecycle/archive/run.ts'
import { chunkOf, clockedLog, expireAfter, nextHour, recordDoors, sealedLog } from './sealed-support.ts'
import { codes, copyOf, filesBelow, flipEach, lasting, temporary } from './support.ts'

const failed = (found: readonly string[]): boolean => found.some(code => code.startsWith('E_'))

/** Two sealed chunks of a few events, the second from position 5 on. */
let small = ''

beforeAll(async () => {
  small = lasting()
  await sealedLog(2, 3, small)
  return () => rmSync(small, { recursive: true })
})

test('every byte of a sealed segment counts', { timeout: 120_000 }, async () => {
  const dir = copyOf(small)
  expect(await codes(dir)).toEqual([])
  const [path = ''] = filesBelow(chunkOf(dir, 11)).filter(name => name.endsWith('.sealed'))
  expect(await flipEach(dir, path, readFileSync(path).keys(), failed)).toEqual([])
})

test('every byte of a manifest counts', { timeout: 120_000 }, async () => {
  const dir = copyOf(small)
  const path = join(chunkOf(dir, 11), 'seal.json')
  expect(await flipEach(dir, path, readFileSync(path).keys(), failed)).toEqual([])
})

test('every byte of the kept checkpoints counts, and each of them', { timeout: 120_000 }, async () => {
  const dir = copyOf(small)
  const paths = filesBelow(join(dir, 'checkpoints'))
  expect(paths).toHaveLength(2)
  for (const path of paths) expect(await flipEach(dir, path, readFileSync(path).keys(), failed)).toEqual([])
  for (const path of paths) {
    const bytes = readFileSync(path)
    rmSync(path)
    expect(failed(await codes(dir))).toBe(true)
    writeFileSync(path, bytes)
  }
})

test('every byte of a thinned segment counts', { timeout: 120_000 }, async () => {
  const dir = temporary()
  const log = await sealedLog(2, 3, dir)
  await expireAfter(log, 100)
  const [path = ''] = filesBelow(chunkOf(dir, 11)).filter(name => name.endsWith('.sealed'))
  expect((await codes(dir)).filter(code => code.startsWith('E_'))).toEqual([])
  expect(await flipEach(dir, path, readFileSync(path).keys(), failed)).toEqual([])
})

test('every byte of the spine of a dropped chunk counts', { timeout: 120_000 }, async () => {
  const dir = temporary()
  const away = temporary()
  mkdirSync(join(away, 'archive'))
  const log = clockedLog(undefined, dir)
  const trail = await log.open()
  for (let n = 0; n < 3; n++) {
    await recordDoors(log, trail, 3)
    nextHour(log)
  }
  await trail.perform(archive, { archive: { kind: 'directory', dir: join(away, 'archive') }, only: 6 })
  log.clocks.by(86_400_000)
  await trail.perform(archive, {
    archive: { kind: 'directory', dir: join(away, 'archive') },
    only: 6,
    dropAfter: 60,
  })
  await trail.close()
  expect(await codes(dir)).toEqual(['W_DROPPED'])
  const [path = ''] = filesBelow(chunkOf(dir, 11)).filter(name => name.endsWith('.spine'))
  expect(await flipEach(dir, path, readFileSync(path).keys(), failed)).toEqual([])
})
