import { join } from 'node:path'
import { isObject } from '../../../log/parts.ts'
import { readIfThere, replaceFile } from '../files.ts'
import type { Layout } from '../layout.ts'

/** Which key-encryption key every secret is wrapped with, and since when; `keys/kek.json`. */
export interface KekNote {
  /** Id of the key, 16 hex digits. */
  readonly id: string
  /** When the last secret was wrapped with it, as ISO time. */
  readonly since: string
}

/** The note; undefined when there is none, or none that can be read. */
export async function readKekNote(layout: Layout): Promise<KekNote | undefined> {
  try {
    const value: unknown = JSON.parse((await readIfThere(path(layout)))?.toString('utf8') ?? '')
    if (!isObject(value)) return undefined
    const { id, since } = value
    if (typeof id === 'string' && typeof since === 'string' && !Number.isNaN(Date.parse(since)))
      return { id, since }
  } catch {
    // It is written anew.
  }
  return undefined
}

export async function writeKekNote(layout: Layout, note: KekNote): Promise<void> {
  await replaceFile(path(layout), `${JSON.stringify(note)}\n`, 0o600)
}

function path(layout: Layout): string {
  return join(layout.keys, 'kek.json')
}
