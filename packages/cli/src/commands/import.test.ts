import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { eventsOf, ndjson } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

function record(nth: number): unknown {
  return {
    eventVersion: '1.08',
    eventTime: '2026-01-01T00:00:00Z',
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '10.0.0.1',
    userAgent: 'console',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AID',
      arn: 'arn:aws:iam::123456789012:user/alice',
      accountId: '123456789012',
      userName: 'alice',
    },
    requestID: `r-${nth}`,
    eventID: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
    eventType: 'AwsApiCall',
    recipientAccountId: '123456789012',
  }
}

test('cloudtrail: everything arrives once, also from gzip; the second run finds duplicates', async () => {
  const dir = temporary()
  const file = join(dir, 'trail.json.gz')
  writeFileSync(file, gzipSync(JSON.stringify({ Records: [record(1), record(2), record(3)] })))
  const log = join(dir, 'log')
  const first = await annals(['import', 'cloudtrail', file, '--dir', log, '-o', 'json'])
  expect(first.code).toBe(0)
  expect(JSON.parse(first.stdout)).toEqual({ read: 3, recorded: 3, duplicates: 0, rejected: 0 })
  const again = await annals(['import', 'cloudtrail', file, '--dir', log, '-o', 'json', '-q'])
  expect([again.code, again.stderr]).toEqual([0, ''])
  expect(JSON.parse(again.stdout)).toEqual({ read: 3, recorded: 0, duplicates: 3, rejected: 0 })
})

test('gzip that was cut off: the counts of what is stored, then the failure; exit 1', async () => {
  const dir = temporary()
  const file = join(dir, 'trail.ndjson.gz')
  const whole = gzipSync(ndjson(Array.from({ length: 3000 }, (_, nth) => ({ action: 'a.b', id: `k${nth}` }))))
  writeFileSync(file, whole.subarray(0, whole.length - 200))
  const log = join(dir, 'log')
  const words = ['import', 'ndjson', file, '--dir', log]
  const { code, stdout, stderr } = await annals([...words, '-o', 'json', '-q'])
  expect(code).toBe(1)
  const counts = JSON.parse(stdout) as { recorded: number }
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'GZIP',
      message: `${file} ends too early`,
      hint: expect.stringContaining('run the same import again'),
    },
  })
  const stored = eventsOf((await annals(['list', '--dir', log, '--limit', '0', '-o', 'ndjson'])).stdout)
  expect(stored).toHaveLength(counts.recorded)
  const text = await annals(words)
  expect(text.stderr).toMatch(/ read, .* recorded, .*\nerror: .* ends too early\n {2}why: .*\n {2}fix: /)
  writeFileSync(file, whole)
  expect(JSON.parse((await annals([...words, '-o', 'json'])).stdout)).toEqual({
    read: 3000,
    recorded: expect.any(Number),
    duplicates: expect.any(Number),
    rejected: 0,
  })
})

test('a reject is told with its line, the others arrive, exit 6', async () => {
  const dir = temporary()
  const stdin = `${ndjson([record(1)])}{"broken\n${ndjson([record(2)])}`
  const { code, stdout, stderr } = await annals(['import', 'cloudtrail', '-', '--dir', dir, '-o', 'json'], {
    stdin,
  })
  expect(code).toBe(6)
  expect(JSON.parse(stdout)).toEqual({ read: 3, recorded: 2, duplicates: 0, rejected: 1 })
  expect(stderr).toMatch(/^line 2: /m)
})

test('the export of one log is the import of another', async () => {
  const [from, to] = [temporary(), temporary()]
  await annals(['import', 'cloudtrail', '-', '--dir', from, '-q'], { stdin: ndjson([record(1), record(2)]) })
  const { stdout } = await annals(['list', '--dir', from, '--limit', '0', '--reverse', '-o', 'ndjson'])
  expect((await annals(['import', 'ndjson', '-', '--dir', to, '-q'], { stdin: stdout })).code).toBe(0)
  const copied = eventsOf(
    (await annals(['list', '--dir', to, '--limit', '0', '--reverse', '-o', 'ndjson'])).stdout,
  )
  expect(copied.map(({ action, occurredAt }) => ({ action, occurredAt }))).toEqual(
    eventsOf(stdout).map(({ action, occurredAt }) => ({ action, occurredAt })),
  )
})

test('drafts without id are imported once, equal lines each', async () => {
  const dir = temporary()
  const file = join(dir, 'drafts.ndjson')
  const drafts = [{ action: 'door.open' }, { action: 'door.open' }, { action: 'door.close' }]
  writeFileSync(file, ndjson(drafts))
  const words = ['import', 'ndjson', file, '--dir', join(dir, 'log'), '-o', 'json']
  const counts = async (): Promise<unknown> => JSON.parse((await annals(words)).stdout)
  expect(await counts()).toEqual({ read: 3, recorded: 3, duplicates: 0, rejected: 0 })
  expect(await counts()).toEqual({ read: 3, recorded: 0, duplicates: 3, rejected: 0 })
})

test('an unknown format: exit 2 with the list', async () => {
  const { code, stderr } = await annals(['import', 'splunk', '-', '--dir', temporary()])
  expect(code).toBe(2)
  expect(stderr).toContain('cloudtrail')
  expect(stderr).toContain('ndjson')
})

test('a missing file: exit 4', async () => {
  expect((await annals(['import', 'ndjson', '/nowhere/x', '--dir', temporary()])).code).toBe(4)
})
