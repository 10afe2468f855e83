import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ApiKey } from './api-keys.ts'

/** Where API keys are kept. */
export interface KeyFile {
  load(): Promise<readonly ApiKey[]>
  /** Durable when it resolves: a revoked key must not come back. */
  save(keys: readonly ApiKey[]): Promise<void>
}

/** A file that only its owner may read; replaced whole, so that a crash leaves the old keys or the new. */
export function keyFile(path: string): KeyFile {
  return {
    async load() {
      let text: string
      try {
        text = await readFile(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw error
      }
      const { v, keys } = JSON.parse(text) as { v: unknown; keys: readonly ApiKey[] }
      if (v !== 1) throw new Error(`${path} has a format that this version cannot read`)
      return keys
    },
    async save(keys) {
      const next = `${path}.${randomBytes(4).toString('hex')}.tmp`
      const file = await open(next, 'wx', 0o600)
      try {
        await file.writeFile(`${JSON.stringify({ v: 1, keys }, undefined, 1)}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(next, path)
      const directory = await open(dirname(path), 'r')
      try {
        await directory.sync()
      } finally {
        await directory.close()
      }
    },
  }
}

/** Keys in memory, for servers without a directory. */
export function memoryKeys(): KeyFile {
  let kept: readonly ApiKey[] = []
  return {
    load: async () => kept,
    save: async keys => {
      kept = keys
    },
  }
}
