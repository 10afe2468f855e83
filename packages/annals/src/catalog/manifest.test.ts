import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AnnalsError } from '../model/index.ts'
import { catalogDigest, catalogFromManifest, createCatalog, defineEvent, sameManifest } from './index.ts'

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const a = defineEvent('a', {
  version: 2,
  upcast: { 1: data => data },
  data: z.object({}),
  describe: '{actor} did a',
  visibility: 'public',
  retention: 'payments',
  persons: ['/data/owner', { pointer: '/data/by', type: 'admin' }],
  parts: { private: ['/data/owner'] },
  internal: ['/data/note'],
  topics: ['t'],
})
const b = defineEvent('b', { retired: 'use a' })
const options = { retention: { payments: 3650 }, personTypes: ['user', 'customer'] }
const types = createCatalog([b, a], options)

describe('manifest', () => {
  it('is JSON with everything but schemas and upcasters', () => {
    const manifest = types.manifest()
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest)
    expect(manifest.entries.map(entry => entry.action)).toEqual(['a', 'b'])
  })

  it('makes a catalog with the same manifest', () => {
    const read = catalogFromManifest(JSON.parse(JSON.stringify(types.manifest())))
    expect(sameManifest(read.manifest(), types.manifest())).toBe(true)
    expect(read.get('a')?.parts).toEqual({ private: ['/data/owner'], internal: ['/data/note'] })
  })

  it('does not depend on order, and has a digest', () => {
    const other = createCatalog([a, b], options).manifest()
    expect(sameManifest(other, types.manifest())).toBe(true)
    expect(catalogDigest(other, sha256Hex)).toBe(catalogDigest(types.manifest(), sha256Hex))
    const changed = createCatalog([a], options).manifest()
    expect(sameManifest(changed, other)).toBe(false)
    expect(catalogDigest(changed, sha256Hex)).not.toBe(catalogDigest(other, sha256Hex))
  })

  it('ignores what a later version may add', () => {
    const read = catalogFromManifest({
      v: 1,
      open: true,
      later: 1,
      entries: [{ action: 'x', describe: '{later} x', retention: 'gone', colour: 'red' }],
    })
    expect(read.get('x')?.template).toBeUndefined()
    expect(read.retention['gone']).toBe('forever')
    expect(read.open).toBe(true)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['another version', { v: 2, entries: [] }],
    ['no entries', { v: 1 }],
    ['a bad action', { v: 1, entries: [{ action: 'a b' }] }],
    ['a log action', { v: 1, entries: [{ action: 'log.x' }] }],
    ['twice', { v: 1, entries: [{ action: 'x' }, { action: 'x' }] }],
    ['a bad version', { v: 1, entries: [{ action: 'x', version: 'y' }] }],
    ['bad persons', { v: 1, entries: [{ action: 'x', persons: [null] }] }],
    ['bad parts', { v: 1, entries: [{ action: 'x', parts: { x: 7 } }] }],
  ])('refuses %s', (_, json) => {
    expect(() => catalogFromManifest(json)).toThrow(AnnalsError)
  })
})
