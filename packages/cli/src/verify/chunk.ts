import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Verifiable } from './kind.ts'

/** The directory of one sealed chunk, alone. */
export const chunk: Verifiable = {
  what: 'chunk',
  recognises: async path => existsSync(join(path, 'seal.json')),
  async verify({ path, trust, entriesOnly, deep, onProgress }) {
    const { verifyChunk } = await import('annals')
    return await verifyChunk(path, { ...trust, entriesOnly, deep, onProgress })
  },
}
