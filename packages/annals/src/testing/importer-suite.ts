import assert from 'node:assert/strict'
import { type Importer, ImportReject } from '../importers/importer.ts'
import { DEFAULT_LIMITS, type Draft, isLogAction, isPath, normalizeDraft } from '../model/index.ts'
import { deepFrozen, mutants } from './hostile-records.ts'

/** What the suite needs of a test runner; vitest, node:test, mocha and jest have it. */
export interface SuiteRunner {
  describe(name: string, body: () => void): void
  it(name: string, body: () => void): void
}

/** One source record and what must become of it. */
export interface ImporterSample {
  readonly title: string
  readonly record: unknown
  /** Fields that the drafts must have, draft by draft; or what the message of the reject must match. */
  readonly expect: readonly Partial<Draft>[] | RegExp
}

/** Options of {@link importerSuite}. */
export interface ImporterSuiteOptions {
  readonly runner: SuiteRunner
  readonly importer: Importer
  readonly samples: readonly ImporterSample[]
  /** More records that nobody should send, such as a thousand of fast-check's `fc.jsonValue()`. @defaultValue none */
  readonly hostile?: Iterable<unknown> | undefined
  /** `strict`: what hostile records become obeys the model. `checked later`: it is left to the recorder. @defaultValue `strict` */
  readonly shapes?: 'strict' | 'checked later' | undefined
  /** Whether every draft must say where it is from. @defaultValue `required` */
  readonly source?: 'required' | 'optional' | undefined
}

/**
 * The conformance suite of importers: the laws of {@link Importer}, on the samples and on records made hostile from them.
 *
 * @example
 * ```ts
 * importerSuite({ runner: { describe, it }, importer: cloudtrail, samples: [{ title: 'a call', record, expect: [{ action: 'aws.s3.GetObject' }] }] })
 * ```
 */
export function importerSuite(options: ImporterSuiteOptions): void {
  const { runner, importer, samples } = options
  const check = (drafts: readonly Draft[]): void => {
    for (const draft of drafts) checkDraft(draft, options)
  }
  runner.describe(`importer ${importer.name}`, () => {
    runner.it('has a name and a summary', () => {
      assert.match(importer.name, /^[a-z][a-z0-9-]*$/)
      assert.ok(importer.summary !== '' && !importer.summary.includes('\n'))
    })

    for (const { title, record, expect } of samples) {
      runner.it(title, () => {
        const frozen = deepFrozen(structuredClone(record))
        if (expect instanceof RegExp) {
          assert.throws(
            () => importer.convert(frozen),
            error => error instanceof ImportReject && expect.test(error.message),
          )
          return
        }
        const drafts = importer.convert(frozen)
        check(drafts)
        for (const draft of drafts) checkAccepted(draft)
        assert.equal(drafts.length, expect.length)
        for (const [at, wanted] of expect.entries()) {
          const draft = drafts[at] as Draft
          const found = Object.fromEntries(Object.keys(wanted).map(key => [key, draft[key as keyof Draft]]))
          assert.deepEqual(plain(found), plain(wanted))
        }
      })
    }

    runner.it('gives the same drafts for the same record, and leaves the record as it is', () => {
      for (const { record, expect } of samples) {
        if (expect instanceof RegExp) continue
        const before = JSON.stringify(record)
        assert.equal(
          JSON.stringify(importer.convert(record)),
          JSON.stringify(importer.convert(structuredClone(record))),
        )
        assert.equal(JSON.stringify(record), before)
      }
    })

    runner.it('survives every field of the samples being absent or of another type', () => {
      for (const { record } of samples) {
        for (const mutant of mutants(record)) check(convertOrReject(importer, mutant))
      }
    })

    runner.it('answers records of every shape with drafts or an ImportReject', () => {
      for (const record of hostileShapes()) check(convertOrReject(importer, deepFrozen(record)))
      for (const record of options.hostile ?? []) check(convertOrReject(importer, record))
    })
  })
}

function convertOrReject(importer: Importer, record: unknown): readonly Draft[] {
  try {
    return importer.convert(record)
  } catch (error) {
    if (error instanceof ImportReject && error.message !== '') return []
    throw new assert.AssertionError({
      message: `threw ${String(error)} for ${JSON.stringify(record)?.slice(0, 1000)}`,
    })
  }
}

function checkDraft(draft: Draft, { shapes, source }: ImporterSuiteOptions): void {
  assert.deepEqual(plain(draft), draft, 'a draft must be plain JSON without undefined members')
  assert.ok(isPath(draft.action) && !isLogAction(draft.action), draft.action)
  if (source !== 'optional') assert.ok(draft.source, 'a draft must have a source')
  if (shapes === 'checked later') return
  checkIdentifier(draft.source?.system)
  checkIdentifier(draft.source?.id)
  assert.ok(
    typeof draft.occurredAt === 'string' && new Date(draft.occurredAt).toISOString() === draft.occurredAt,
    String(draft.occurredAt),
  )
  for (let actor = draft.actor; actor !== undefined; actor = actor.onBehalfOf) {
    checkIdentifier(actor.type)
    if (actor.id !== '') checkIdentifier(actor.id)
    if (actor.name !== undefined) checkIdentifier(actor.name)
    if (actor.credential !== undefined) checkIdentifier(actor.credential.id)
  }
  assert.ok((draft.targets?.length ?? 0) <= DEFAULT_LIMITS.targets)
  for (const target of draft.targets ?? []) for (const text of Object.values(target)) checkIdentifier(text)
  for (const text of Object.values(draft.origin ?? {})) checkIdentifier(text)
  for (const text of Object.values(draft.tags ?? {})) checkIdentifier(text)
  for (const note of draft.notes ?? []) assert.ok(note.path.startsWith('/') && note.reason !== '')
  if (draft.tenant !== undefined) checkIdentifier(draft.tenant)
}

/** A recorder takes it, and understands who acted and from where. */
function checkAccepted(draft: Draft): void {
  const { notes } = normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })
  assert.deepEqual(notes ?? [], draft.notes ?? [])
}

function checkIdentifier(value: unknown): void {
  assert.ok(typeof value === 'string' && value !== '', `must be a text: ${JSON.stringify(value)}`)
  assert.ok(new TextEncoder().encode(value).length <= DEFAULT_LIMITS.identifierBytes, `too long: ${value}`)
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function hostileShapes(): unknown[] {
  let deep: unknown = 'x'
  for (let depth = 0; depth < 2000; depth += 1) deep = depth % 2 === 0 ? [deep] : { deep }
  return [
    null,
    true,
    0,
    -1.5,
    '',
    'text',
    [],
    [[]],
    [{}],
    {},
    { '': '' },
    { deep },
    JSON.parse('{"__proto__":{"a":1},"constructor":[]}'),
  ]
}
