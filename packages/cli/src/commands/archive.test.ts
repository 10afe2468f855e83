import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openTrail } from 'annals'
import { openEmbedded } from 'annals/stores/embedded'
import { expect, test } from 'vitest'
import { archivePlaceOf } from '../flags/archive-place.ts'
import { run } from '../run.ts'
import { captureProcess } from '../testing/capture.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

/** Runs a command line in this process. */
async function annals(words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const process = captureProcess()
  const code = await run(words, process)
  return { code, stdout: process.stdout.text, stderr: process.stderr.text }
}

/** A log with two days that have ended. */
async function logOfDays(): Promise<string> {
  const dir = join(temporary(), 'log')
  let time = Date.now() - 3 * 86_400_000
  const trail = await openTrail({
    store: await openEmbedded({ dir, origin: 'example.com/cli' }),
    clocks: { wall: () => time, mono: () => time },
  })
  for (let day = 0; day < 3; day++, time += 86_400_000)
    for (let n = 0; n < 5; n++)
      await trail.record('door.open', { actor: { type: 'user', id: `u${n}` }, data: { day, n } })
  await trail.close()
  return dir
}

test('archives, lists, verifies and restores', async () => {
  const dir = await logOfDays()
  const to = `dir:${join(temporary(), 'archive')}`
  const first = await annals([
    'archive',
    'run',
    '--dir',
    dir,
    '--to',
    to,
    '--prefix',
    'eu/2020-01',
    '--drop-after',
    '60h',
    '-o',
    'ndjson',
  ])
  expect(first.stderr).toContain('the content of 1 archived chunks was removed')
  expect(first.code).toBe(0)
  const rows = first.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { chunk: number; path: string })
  expect(rows.map(row => row.chunk)[0]).toBe(0)
  expect(rows[0]?.path).toMatch(/^eu\/2020-01\/\d{4}-\d\d-\d\d\/0{12}-\d{12}$/)
  const again = await annals([
    'archive',
    'run',
    '--dir',
    dir,
    '--to',
    to,
    '--prefix',
    'eu/2020-01',
    '-o',
    'ndjson',
  ])
  expect(again).toMatchObject({ code: 0, stdout: '' })

  const list = await annals(['archive', 'list', to, '--prefix', 'eu/2020-01', '-o', 'json'])
  expect(JSON.parse(list.stdout)).toMatchObject(rows.map(({ chunk, path }) => ({ chunk, path })))
  expect((await annals(['archive', 'list', to, '--prefix', 'eu'])).stdout).toBe('')

  const policy = join(dir, 'vkey')
  const verify = ['archive', 'verify', to, '--prefix', 'eu/2020-01', '--policy', policy]
  expect((await annals(verify)).stdout).toContain('VERIFIED')
  expect(await annals([...verify, '--keys', dir, '--strict'])).toMatchObject({ code: 0 })
  expect(await annals(['archive', 'verify', to, '--prefix', 'eu/2020-01'])).toMatchObject({ code: 2 })

  const out = join(temporary(), 'restored')
  const restore = await annals([
    'archive',
    'restore',
    '--dir',
    dir,
    '--from',
    to,
    '--prefix',
    'eu/2020-01',
    '--out',
    out,
  ])
  expect(restore.code).toBe(0)
  const events = await annals(['list', '--dir', out, '-o', 'ndjson', '--limit', '100'])
  expect(events.stdout.trim().split('\n')).toHaveLength(15)
  expect((await annals(['emit', '--dir', out, '--action', 'x.y'])).code).not.toBe(0)

  const object = join(to.slice(4), rows[1]?.path as string, 'entries.bundle')
  const bytes = readFileSync(object)
  rmSync(object)
  expect(await annals(verify)).toMatchObject({ code: 6 })
  bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30)
  writeFileSync(object, bytes)
  expect(await annals(verify)).toMatchObject({ code: 5 })
})

test('--watch goes on until it is interrupted', async () => {
  const dir = await logOfDays()
  const archive = join(temporary(), 'archive')
  const watching = captureProcess()
  const ended = run(
    [
      'archive',
      'run',
      '--dir',
      dir,
      '--to',
      `dir:${archive}`,
      '--watch',
      '--every',
      '1s',
      '--drop-after',
      '60h',
    ],
    watching,
  )
  // The first round is over when it tells what it dropped; it is the second that is interrupted.
  while (!watching.stderr.text.includes('removed from the log')) await delay(20)
  await delay(1_200)
  watching.interrupt()
  expect(await ended).toBe(130)
  const verified = await annals(['archive', 'verify', `dir:${archive}`, '--policy', join(dir, 'vkey')])
  expect(verified.code).toBe(0)
})

test('says what is wrong with a place', () => {
  expect(archivePlaceOf('--to', 's3://audit/eu/2020-01', {}, { AWS_ENDPOINT_URL_S3: 'http://h' })).toEqual({
    archive: { kind: 's3', bucket: 'audit', endpoint: 'http://h', forcePathStyle: true },
    prefix: 'eu/2020-01',
  })
  expect(archivePlaceOf('--to', 'dir:/a/b', { prefix: 'x' }, {})).toEqual({
    archive: { kind: 'directory', dir: '/a/b' },
    prefix: 'x',
  })
  for (const [place, flags] of [
    ['ftp://host', {}],
    ['dir:', {}],
    ['s3://', {}],
    ['s3://UPPER', {}],
    ['s3://audit', { mode: 'soft' }],
    ['s3://audit/a', { prefix: 'b' }],
    ['dir:/a', { mode: 'governance' }],
  ] as const)
    expect(() => archivePlaceOf('--to', place, flags, {})).toThrow(expect.objectContaining({ exit: 2 }))
})
