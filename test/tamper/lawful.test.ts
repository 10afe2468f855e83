import {
  closeSync,
  cpSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { Recorder } from '../../packages/annals/src/record/recorder.ts'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import {
  codes,
  copyOf,
  type Forged,
  filesBelow,
  makeLog,
  openSmall,
  readForged,
  recordSome,
  segmentsOf,
  temporary,
  writeForged,
} from './support.ts'

/** A log in which a `log.redaction` names parts. */
async function redactedLog(
  parts: readonly (readonly [number, string])[],
): Promise<{ dir: string; records: Forged[] }> {
  const own = vi.spyOn(Recorder.prototype, 'recordOwn')
  const dir = temporary()
  const trail = await openSmall(dir)
  await recordSome(trail, 12)
  const recorder = own.mock.contexts[0] as Recorder
  await recorder.recordOwn({
    action: 'log.redaction',
    retention: 'ledger',
    data: { parts, basis: 'request', request: 'r1' },
  })
  await trail.close()
  own.mockRestore()
  return { dir, records: readForged(segmentsOf(dir)[0]!) }
}

function wipe(records: Forged[], index: number, name: string): void {
  const part = records[index]!.parts.find(one => one.name === name)!
  Object.assign(part, {
    bytes: Buffer.alloc(part.bytes.length),
    keys: part.keys.map(() => ({ id: '\0'.repeat(16), tag: '\0'.repeat(16) })),
    erased: true,
  })
}

test('parts that a redaction names may be gone', async () => {
  const { dir, records } = await redactedLog([
    [5, 'who'],
    [6, 'what'],
  ])
  expect(await codes(dir)).toEqual(['W_ERASURE_PENDING'])
  wipe(records, 5, 'who')
  records[6]!.parts = records[6]!.parts.filter(part => part.name !== 'what')
  writeForged(segmentsOf(dir)[0]!, records)
  const report = await verifyDirectory(dir)
  expect(report).toMatchObject({ ok: true, erased: 2, findings: [{ code: 'W_ERASED' }] })
  expect(report.claim).toContain('2 erased under the authority of 1')
})

test('a redaction of another event, another part or a later event is no authority', async () => {
  const { dir, records } = await redactedLog([
    [4, 'who'],
    [5, 'what'],
    [1_000, 'who'],
  ])
  wipe(records, 5, 'who')
  writeForged(segmentsOf(dir)[0]!, records)
  expect(await codes(dir)).toContain('E_PART_REMOVED@5')
})

test('an altered redaction is no authority', async () => {
  const { dir, records } = await redactedLog([[5, 'who']])
  const at = records.findIndex(record => record.entry.includes('log.redaction'))
  const what = records[at]!.parts.find(part => part.name === 'what')!
  what.bytes = Buffer.from(Buffer.from(what.bytes).toString().replace('[[5,', '[[6,'))
  wipe(records, 6, 'who')
  writeForged(segmentsOf(dir)[0]!, records)
  expect(await codes(dir)).toEqual(expect.arrayContaining(['E_PART_REMOVED@6', `E_PART_MISMATCH@${at}`]))
})

test('an erasure that was cut short in the middle of a part', async () => {
  const { dir, records } = await redactedLog([[5, 'who']])
  const half = (index: number): void => {
    const part = records[index]!.parts.find(one => one.name === 'who')!
    part.bytes = Buffer.from(part.bytes.map((byte, i) => (i < part.bytes.length / 2 ? 0 : byte)))
    writeForged(segmentsOf(dir)[0]!, records)
  }
  const journal = (parts: unknown): void =>
    writeFileSync(join(dir, 'erasing.json'), JSON.stringify({ v: 1, parts }))
  half(5)
  expect(await codes(dir)).toContain('E_PART_MISMATCH@5')
  const state = JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8'))
  writeFileSync(join(dir, 'state.json'), JSON.stringify({ ...state, clean: false }))
  journal([[5, 'who']])
  expect(new Set(await codes(dir))).toEqual(new Set(['W_ERASURE_PENDING']))
  // The journal is no authority.
  half(6)
  journal([
    [5, 'who'],
    [6, 'who'],
  ])
  expect(await codes(dir)).toContain('E_PART_MISMATCH@6')
})

test('content put back in place of an erased part', async () => {
  const { dir, records } = await redactedLog([[5, 'who']])
  records[5]!.parts.find(part => part.name === 'who')!.bytes = Buffer.from(
    '{"actor":{"id":"eve","type":"user"},"origin":{}}',
  )
  writeForged(segmentsOf(dir)[0]!, records)
  expect(await codes(dir)).toContain('E_PART_MISMATCH@5')
})

test('beside a running writer, and after it was killed', async () => {
  const dir = temporary()
  const trail = await openSmall(dir, { segment: 300 })
  await recordSome(trail, 40)
  expect((await verifyDirectory(dir)).ok).toBe(true)
  await recordSome(trail, 600, 100)
  // A copy of the files is what a killed process leaves.
  const killed = copyOf(dir)
  await trail.close()
  const found = await codes(killed)
  expect(found.filter(code => code.startsWith('E_'))).toEqual([])
  const { size } = await verifyDirectory(killed)

  const last = segmentsOf(killed).at(-1)!
  const whole = readFileSync(last.path)
  let end = whole.length
  while (whole[end - 1] === 0) end--
  expect(statSync(last.path).size).toBeGreaterThan(end + 1_000)
  const torn = copyOf(killed)
  overwrite(last.path.replace(killed, torn), end, whole.subarray(64, 700))
  expect(await codes(torn)).toContain(`W_TORN_TAIL@${size}`)
  expect((await verifyDirectory(torn)).ok).toBe(true)
  // The same bytes in a log that says it was closed are no unfinished write.
  const state = JSON.parse(readFileSync(join(torn, 'state.json'), 'utf8'))
  writeFileSync(join(torn, 'state.json'), JSON.stringify({ ...state, clean: true }))
  expect((await verifyDirectory(torn)).ok).toBe(false)
  // The last append is damaged, and was acknowledged: only what is unsigned may be taken for unfinished.
  const damaged = copyOf(killed)
  cpSync(join(dir, 'checkpoint'), join(damaged, 'checkpoint'))
  overwrite(last.path.replace(killed, damaged), end - 20, Buffer.of(1))
  expect((await verifyDirectory(damaged)).ok).toBe(false)
})

test('a writer that goes on while it is verified', async () => {
  const dir = temporary()
  const trail = await openSmall(dir, { segment: 200 })
  let stop = false
  const writing = (async () => {
    while (!stop) await recordSome(trail, 50, 10)
  })()
  for (let i = 0; i < 20; i++) {
    const found = await codes(dir, { deep: i % 4 === 0 })
    expect(found.filter(code => code.startsWith('E_'))).toEqual([])
  }
  stop = true
  await writing
  await trail.close()
  expect(await codes(dir, { deep: true })).toEqual([])
})

test('verifying leaves no trace', async () => {
  const dir = await makeLog({ entries: 40, segment: 20 })
  const before = traces(dir)
  expect(await codes(dir, { deep: true })).toEqual([])
  expect(traces(dir)).toEqual(before)
})

test('a changed search index is found by a deep look only', async () => {
  const dir = await makeLog({ entries: 30, segment: 20 })
  expect(await codes(dir, { deep: true })).toEqual([])
  const [closed, open] = [segmentsOf(dir)[0]!, segmentsOf(dir).at(-1)!]
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(open.index)
  db.exec(`INSERT INTO term(term, rowid, t) VALUES ('delete', 1, 'x:door.open')`)
  db.exec('UPDATE place SET offset = offset + 1 WHERE block = 0')
  db.close()
  expect(await codes(dir)).toEqual([])
  expect(await codes(dir, { deep: true })).toEqual(
    expect.arrayContaining([`E_INDEX_DRIFT@${open.first}`, `E_INDEX_DRIFT@${open.first + 1}`]),
  )
  overwrite(closed.index, 5_000, Buffer.from('x'))
  expect(await codes(dir, { deep: true })).toContain(`E_INDEX_DRIFT@${closed.first}`)
})

test('a large log on threads', async () => {
  const dir = temporary()
  const trail = await openSmall(dir, { segment: 9_000 })
  await recordSome(trail, 25_000, 5_000)
  await trail.close()
  const seen: number[] = []
  const report = await verifyDirectory(dir, { workers: 3, onProgress: done => seen.push(done) })
  expect(report).toMatchObject({ ok: true, findings: [], checked: report.size })
  expect(seen.at(-1)).toBe(report.size)
  const [first] = segmentsOf(dir)
  overwrite(first!.path, 1_000_000, Buffer.from('damage'))
  const damaged = await verifyDirectory(dir)
  expect(damaged.ok).toBe(false)
  expect(damaged.checked).toBeGreaterThan(20_000)
})

/** Everything in a directory. What SQLite keeps beside an index for those who read it at the same time is no content. */
function traces(dir: string): string[] {
  const files = filesBelow(dir).filter(path => !path.endsWith('-shm'))
  return files.map(path => `${path} ${statSync(path).mtimeMs} ${readFileSync(path, 'base64')}`)
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

test('a signer remembers before it publishes: the writer may have died before its first checkpoint', async () => {
  const dir = temporary()
  const trail = await openSmall(dir)
  await recordSome(trail, 12)
  await trail.flush()
  const copy = copyOf(dir)
  await trail.close()
  rmSync(join(copy, 'checkpoint'))
  expect(await codes(copy)).toEqual(['W_TAIL_UNWITNESSED@0'])
  rmSync(join(dir, 'checkpoint'))
  expect(await codes(dir)).toContain('E_ROLLBACK')
})
