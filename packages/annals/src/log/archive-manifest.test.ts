import { canonicalize } from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import { type ArchiveManifest, formatArchiveManifest, parseArchiveManifest } from './archive-manifest.ts'

const HASH = 'A'.repeat(43)
const MANIFEST: ArchiveManifest = {
  v: 1,
  origin: 'example.com/log',
  period: '2021-01-01',
  lo: 5,
  hi: 9,
  first: 1,
  last: 2,
  frontier: [`${HASH}=`],
  before: 'a note',
  after: 'another note',
  classes: { standard: { count: 4, positions: HASH } },
  objects: { 'entries.bundle': { bytes: 10, sha256: HASH, retain: '2021-07-01T00:00:00.000Z' } },
  dictionary: HASH,
}

describe('a manifest', () => {
  it('is read back as it was written', () => {
    expect(parseArchiveManifest(formatArchiveManifest(MANIFEST))).toEqual(MANIFEST)
  })

  it.for([
    ['v', 2],
    ['lo', 9],
    ['lo', -1],
    ['hi', 1.5],
    ['first', '1'],
    ['origin', 7],
    ['before', undefined],
    ['after', null],
    ['frontier', ['short']],
    ['frontier', 'none'],
    ['classes', []],
    ['classes', { Standard: { count: 1, positions: HASH } }],
    ['classes', { standard: { count: 1, positions: HASH, more: 1 } }],
    ['objects', {}],
    ['objects', { 'entries.bundle': { bytes: 1, sha256: 'x', retain: null } }],
    ['objects', { 'entries.bundle': { bytes: 1, sha256: HASH, retain: 'soon' } }],
    ['objects', { ...MANIFEST.objects, '../entries.bundle': MANIFEST.objects['entries.bundle'] }],
    ['dictionary', 'x'],
    ['more', true],
  ] as const)('is refused with %s %j', ([name, value]) => {
    const { [name as 'v']: _, ...rest } = MANIFEST
    const altered = value === undefined ? rest : { ...rest, [name]: value }
    expect(() => parseArchiveManifest(Buffer.from(canonicalize(altered)))).toThrow(TypeError)
  })

  it('is refused when it is not canonical, or too long', () => {
    expect(() => parseArchiveManifest(Buffer.from(JSON.stringify(MANIFEST)))).toThrow('canonical')
    expect(() => parseArchiveManifest(Buffer.alloc(2_000_000, ' '))).toThrow('too long')
    expect(() => parseArchiveManifest(Buffer.from('[]'))).toThrow(TypeError)
  })
})
