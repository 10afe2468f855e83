import { createSecretKey } from 'node:crypto'
import type { Person } from '../../../log/key-store.ts'
import { personTag } from '../../../log/person-tag.ts'
import { layoutOf } from '../layout.ts'
import { readKeyEncryption } from './key-encryption.ts'
import { readPepper } from './pepper.ts'

/**
 * How a directory tags persons, for whoever may read its keys; undefined where there are none. Nothing is changed.
 *
 * @throws AnnalsError ANNALS_KEYS when they are damaged
 */
export async function readPersonTags(dir: string): Promise<((person: Person) => string) | undefined> {
  const layout = layoutOf(dir)
  try {
    const kek = await readKeyEncryption(layout)
    const pepper = kek === undefined ? undefined : await readPepper(layout, kek)
    if (pepper === undefined) return undefined
    const key = createSecretKey(pepper)
    return person => personTag(key, person)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined
    throw error
  }
}
