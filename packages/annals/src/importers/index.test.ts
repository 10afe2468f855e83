import { describe, expect, it } from 'vitest'
import { IMPORTERS, loadImporter } from './index.ts'

describe('importers', () => {
  it.each(IMPORTERS)('$name loads the importer of that name', async ({ name }) => {
    expect((await loadImporter(name)).name).toBe(name)
  })

  it('names each once, and says which there are', async () => {
    expect(new Set(IMPORTERS.map(importer => importer.name)).size).toBe(IMPORTERS.length)
    await expect(loadImporter('nope')).rejects.toThrow(
      'no importer "nope"; known: cloudtrail, github, kubernetes, ndjson, okta',
    )
    await expect(loadImporter('constructor')).rejects.toThrow(TypeError)
  })
})
