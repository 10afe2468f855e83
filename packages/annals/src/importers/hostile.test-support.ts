import fc from 'fast-check'
import { expect } from 'vitest'
import { AnnalsError, DEFAULT_LIMITS, normalizeDraft } from '../model/index.ts'
import { type Importer, ImportReject } from './importer.ts'

/** Values where another was expected: of any type, too long, too deep, without sense, not even UTF-8. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    '',
    '0',
    'unknown',
    'x'.repeat(600),
    '\ud800',
    '\u0000',
    -1,
    0,
    2 ** 60,
    1.5,
    1e308,
  ),
  fc.integer({ min: 0, max: 300_000_000_000_000 }),
  fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
  fc.array(fc.string(), { maxLength: 100 }),
)

/** A record that lacks some members of the source and has strange ones. */
export function oddRecord(
  members: readonly string[],
  base: Readonly<Record<string, unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const member = fc.tuple(
    fc.constantFrom(...members),
    fc.oneof(odd, fc.dictionary(fc.constantFrom(...members), odd, { noNullPrototype: true })),
  )
  return fc
    .tuple(fc.subarray(Object.keys(base), { maxLength: 3 }), fc.array(member, { maxLength: 8 }))
    .map(([dropped, added]) =>
      Object.fromEntries([...Object.entries(base).filter(([name]) => !dropped.includes(name)), ...added]),
    )
}

/** Arbitrary JSON, and a thousand records that look like the source's. */
export function hostileSamples(
  members: readonly string[],
  base: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  return [
    ...fc.sample(fc.jsonValue(), { numRuns: 1000, seed: 4 }),
    ...fc.sample(oddRecord(members, base), { numRuns: 1000, seed: 5 }),
  ]
}

/** Whether any drafts came of a record. They must be drafts that a recorder takes or refuses; nothing else may be thrown. */
export function isConverted(importer: Importer, record: unknown): boolean {
  let drafts: ReturnType<Importer['convert']>
  try {
    drafts = importer.convert(record)
  } catch (error) {
    expect(error).toBeInstanceOf(ImportReject)
    return false
  }
  for (const draft of drafts) {
    try {
      normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })
    } catch (error) {
      expect(error).toBeInstanceOf(AnnalsError)
    }
  }
  return true
}
