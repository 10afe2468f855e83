import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256Bytes } from '../../packages/annals/src/log/digest.ts'
import { treeReader } from '../../packages/annals/src/log/tree-reader.ts'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import { openReader } from '../../packages/annals/src/trail/open-reader.ts'
import { listArchive, restoreArchive } from '../../packages/annals/src/trail/restore-archive.ts'
import {
  checkConsistency,
  parseCheckpoint,
  parseNote,
  proveConsistency,
} from '../../packages/tlog/src/index.ts'
import { readSealedFile } from '../tamper/forge-sealed.ts'
import { clockedLog } from '../tamper/sealed-support.ts'
import { temporary } from '../tamper/support.ts'
import { Model, PERSONS, type Step } from './model.ts'

const pick = fc.nat(99)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('record' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      what: fc.constantFrom('hour' as const, 'hour' as const, 'quarter' as const, 'half year' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('erase person' as const), person: fc.constantFrom(...PERSONS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('redact' as const),
      pick,
      part: fc.constantFrom('who' as const, 'what' as const, 'all' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'release' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('retention' as const, 'seal' as const, 'archive' as const, 'reopen' as const),
    }),
  },
)

/** Begins with something to work on, in two chunks. */
const BEGIN: readonly Step[] = [
  { do: 'record', count: 5 },
  { do: 'pass', what: 'hour' },
  { do: 'record', count: 4 },
]

test('whatever is done in whatever order: what must go is gone everywhere, and everything else verifies', {
  timeout: 360_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 12 }), async steps => {
      const log = clockedLog()
      const model = new Model(log, await log.open(), temporary())
      const reader = await openReader({ dir: log.dir })
      try {
        for (const one of [...BEGIN, ...steps]) await model.take(one)
        await model.trail.flush()
        await checkContent(model)
        await checkReading(model, reader)
        await checkBoundaries(model)
      } finally {
        await reader.close()
        await model.trail.close()
      }
      const report = await verifyDirectory(log.dir, { deep: true })
      expect(report.findings.filter(({ code }) => !INFORMATION.has(code))).toEqual([])
      checkBytes(model)
      await checkArchive(model)
    }),
    { numRuns: 4 },
  )
})

const INFORMATION: ReadonlySet<string> = new Set(['W_ERASED', 'W_EXPIRED'])

/** What the store reads back, and what its keys still derive. */
async function checkContent(model: Model): Promise<void> {
  await model.look(async ({ log, keys }) => {
    const chunks = await log.chunks()
    const records = new Map<number, { thinned: boolean; gone: Set<string> }>()
    for await (const batch of log.read(0, Number.MAX_SAFE_INTEGER))
      for (const { index, record } of batch)
        records.set(index, {
          thinned: record.thinned !== undefined,
          gone: new Set(record.parts.flatMap(part => (part.bytes === null ? [part.name] : []))),
        })
    for (const event of model.events) {
      const record = records.get(event.index)!
      if (event.thinned === 'must') expect(record.thinned, `entry ${event.index} is past its time`).toBe(true)
      if (event.thinned === 'no') expect(record.thinned, `entry ${event.index} stays`).toBe(false)
      const chunk = chunks.findLast(({ lo }) => lo <= event.index)!
      const secrets = await keys.secrets(chunk.lo, event.retention)
      if (record.thinned) {
        expect(secrets?.leaf(event.index - chunk.lo)).toBeUndefined()
        continue
      }
      expect([...record.gone].sort()).toEqual([...event.gone].sort())
    }
  })
}

/** What readers see: this trail, and one that was open all the time. */
async function checkReading(model: Model, reader: Awaited<ReturnType<typeof openReader>>): Promise<void> {
  for (const source of [model.trail, reader]) {
    let text = ''
    for await (const event of source.events('')) text += JSON.stringify(event)
    for (const event of model.events) {
      const gone = event.gone.has('what') || event.thinned === 'must'
      if (gone) expect(text).not.toContain(event.word)
      else if (event.thinned === 'no') expect(text).toContain(event.word)
    }
    for (const event of model.events) {
      if (!event.gone.has('what') && event.thinned !== 'must') continue
      expect((await source.find(event.word)).events).toEqual([])
    }
  }
}

/** Every checkpoint that was kept where a chunk ended extends each before it. */
async function checkBoundaries(model: Model): Promise<void> {
  const notes = readdirSync(join(model.log.dir, 'checkpoints'))
    .filter(name => /^\d+$/.test(name))
    .map(name => parseCheckpoint(parseNote(readFileSync(join(model.log.dir, 'checkpoints', name))).text))
    .sort((a, b) => a.size - b.size)
  await model.look(async ({ log }) => {
    for (const [i, newer] of notes.entries()) {
      for (const older of notes.slice(0, i)) {
        const proof = await proveConsistency(sha256Bytes, older.size, newer.size, treeReader(log, newer.size))
        checkConsistency(sha256Bytes, proof, older.size, older.root, newer.size, newer.root)
      }
    }
  })
}

/** With every key that there still is, the archive gives back nothing of what is gone, and everything else. */
async function checkArchive({ log, archiveDir, events }: Model): Promise<void> {
  const place = { archive: { kind: 'directory', dir: archiveDir } } as const
  const archived = await listArchive(place)
  if (archived.length === 0) return
  const out = join(temporary(), 'restored')
  await restoreArchive({ ...place, keys: log.dir, out })
  await using reader = await openReader({ dir: out })
  let text = ''
  for await (const event of reader.events('')) text += JSON.stringify(event)
  for (const event of events) {
    if (event.gone.has('what') || event.thinned === 'must') expect(text).not.toContain(event.word)
    else if (event.thinned === 'no' && archived.some(({ lo, hi }) => event.index >= lo && event.index < hi))
      expect(text).toContain(event.word)
  }
}

/** No file has the words of what is gone, not below a compression either. */
function checkBytes({ log: { dir }, archiveDir, events }: Model): void {
  const words = events
    .filter(event => event.gone.has('what') || event.thinned === 'must')
    .map(({ word }) => word)
  for (const root of [dir, archiveDir])
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const path = join(root, name)
      if (!statSync(path).isFile()) continue
      const bytes = path.endsWith('.sealed')
        ? Buffer.concat(readSealedFile(path).records.flatMap(record => record.parts.map(part => part.bytes)))
        : readFileSync(path)
      // An index leaves out what a term has in common with the one before it.
      for (const word of words)
        expect(bytes.includes(word.slice(4)), `${name} holds what is gone`).toBe(false)
    }
}
