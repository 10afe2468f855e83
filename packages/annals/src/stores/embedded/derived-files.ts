import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DerivedBytes } from '../../log/store.ts'
import { readIfThere } from './files.ts'
import type { Layout } from './layout.ts'

/** What is derived from a log, a file each. Nothing is synced: it can be made again. */
export function derivedFiles({ derived }: Layout): DerivedBytes {
  return {
    load: name => readIfThere(join(derived, name)),
    async save(name, bytes) {
      const path = join(derived, name)
      await mkdir(derived, { recursive: true })
      // One writer at a time: a crash leaves at most this one behind, and the next writes over it.
      await writeFile(`${path}.tmp`, bytes)
      await rename(`${path}.tmp`, path)
    },
  }
}
