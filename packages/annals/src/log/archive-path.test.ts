import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { archivePath, archivePrefix, isPeriodName, parseArchiveName } from './archive-path.ts'
import { periodName } from './period.ts'

const RANGE = '000000000000-000000004711'

describe('names in an archive', () => {
  it('carry period, range and, where something stood in the way, the attempt', () => {
    expect(archivePath({ period: '2021-01', lo: 0, hi: 4711, attempt: 1 })).toBe(`2021-01/${RANGE}`)
    expect(archivePath({ period: '2021-01-01', lo: 0, hi: 4711, attempt: 1 })).toBe(`2021-01-01/${RANGE}`)
    expect(archivePath({ period: '2021-01-01_13', lo: 0, hi: 4711, attempt: 3 })).toBe(
      `2021-01-01_13/${RANGE}.3`,
    )
    expect(archivePath({ period: '2021-01', lo: 10 ** 12, hi: 10 ** 12 + 1, attempt: 1 })).toBe(
      '2021-01/1000000000000-1000000000001',
    )
  })

  it.for([
    ['2021-01', true],
    ['2021-13', false],
    ['2021-00', false],
    ['2024-02-29', true],
    ['2023-02-29', false],
    ['2021-06-31', false],
    // Periods are of UTC: an hour that summer time skips or repeats elsewhere is an hour like any other.
    ['2021-03-28_02', true],
    ['2021-10-31_02', true],
    ['2021-12-31_23', true],
    ['2021-12-31_24', false],
    ['2021-1-1', false],
    ['20210101', false],
    ['2021-01-01T13', false],
    ['2021-01-01_1', false],
    ['2021-01_13', false],
  ] as const)('%s is the name of a period: %s', ([name, is]) => {
    expect(isPeriodName(name)).toBe(is)
    expect(parseArchiveName(`${name}/${RANGE}/manifest.json`) !== undefined).toBe(is)
  })

  it.for([
    `2021-01-01/${RANGE}/manifest.json.bak`,
    `2021-01-01/${RANGE}/parts-Standard.bin`,
    `2021-01-01/${RANGE}/parts-.bin`,
    `2021-01-01/${RANGE}/x/manifest.json`,
    `2021-01-01/${RANGE}`,
    `2021-01-01/manifest.json`,
    `x/2021-01-01/${RANGE}/manifest.json`,
    `2021-01-01-x/${RANGE}/manifest.json`,
    `2021-01-01/${RANGE}.1/manifest.json`,
    `2021-01-01/${RANGE}.02/manifest.json`,
    `2021-01-01/0-4711/manifest.json`,
    '2021-01-01/0000000000000-000000004711/manifest.json',
    '2021-01-01/000000004711-000000004711/manifest.json',
    '2021-01-01/000000004711-000000000000/manifest.json',
    ` 2021-01-01/${RANGE}/manifest.json`,
    `2021-01-01/${RANGE}/manifest.json\n`,
  ])('is not one of ours: %j', name => {
    expect(parseArchiveName(name)).toBeUndefined()
  })

  it('are read back as they were written, for every instant and range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Date.UTC(2200, 0) }),
        fc.constantFrom('hour' as const, 'day' as const, 'month' as const),
        fc.nat({ max: 2 ** 45 }),
        fc.integer({ min: 1, max: 2 ** 32 }),
        fc.integer({ min: 1, max: 9_999 }),
        fc.constantFrom('manifest.json', 'entries.bundle', 'parts-standard.bin', 'parts-a-1.bin'),
        (time, period, lo, length, attempt, object) => {
          const path = { period: periodName(period, time), lo, hi: lo + length, attempt }
          expect(parseArchiveName(`${archivePath(path)}/${object}`)).toEqual({ ...path, object })
        },
      ),
    )
  })
})

describe('prefixes', () => {
  it.for([
    ['', ''],
    ['audit', 'audit/'],
    ['/audit/', 'audit/'],
    ['eu-west-1/2021-01', 'eu-west-1/2021-01/'],
    ['2021-01-01', '2021-01-01/'],
    ['a b/ü', 'a b/ü/'],
  ] as const)('%j stands in front as %j', ([given, prefix]) => {
    expect(archivePrefix(given)).toBe(prefix)
    const name = `${prefix}2021-01-02/${RANGE}/manifest.json`
    expect(parseArchiveName(name.slice(prefix.length))).toMatchObject({ period: '2021-01-02' })
    if (prefix !== '') expect(parseArchiveName(name)).toBeUndefined()
  })

  it.for(['a//b', '../a', 'a/../b', 'a/.', 'a\\b', 'a\u0000b', 'x'.repeat(513)])('%j is refused', prefix => {
    expect(() => archivePrefix(prefix)).toThrow(TypeError)
  })
})
