import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { testStore } from '../../conformance/index.ts'
import { type EmbeddedOptions, openEmbedded } from './index.ts'

const base = mkdtempSync(join(tmpdir(), 'annals-conformance-'))
const storeErrors: Error[] = []

function suite(name: string, options: Omit<EmbeddedOptions, 'dir'> = {}): ReturnType<typeof testStore> {
  return testStore(
    { describe, it, afterAll },
    {
      name,
      open: where =>
        openEmbedded({
          dir: join(base, name, where),
          onError: error => storeErrors.push(error),
          ...options,
        }),
      supports: { persistence: true },
    },
  )
}

const reports = [
  suite('embedded'),
  suite('embedded, tiny segments', { segments: { events: 64, bytes: 1 << 20 }, period: 'hour' }),
]

describe('the embedded store', () => {
  it('is held to every law', () => {
    for (const { laws, skipped } of reports)
      expect({ laws: laws > 70, skipped }).toEqual({ laws: true, skipped: [] })
  })

  it('fails in no thread', () => {
    expect(storeErrors).toEqual([])
  })
})

afterAll(() => rmSync(base, { recursive: true, force: true }))
