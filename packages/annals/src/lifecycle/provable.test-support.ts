import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../log/digest.ts'
import { readEntry } from '../log/entry.ts'
import type { PartPlace } from '../log/log-store.ts'
import type { KeyRef } from '../log/record-bytes.ts'
import { commitment, partSalt, partSecret } from '../log/secrets.ts'
import type { Store } from '../log/store.ts'

/** What can be said of the parts of a log with every key that there is now. */
export interface Provable {
  /** Parts whose content meets their commitment. */
  readonly proved: readonly string[]
  /** Parts whose content is gone, and whose secret nothing can derive any more. */
  readonly shredded: readonly string[]
  /** Anything else: content without its secret, a secret without its content, content that is not what was committed to. */
  readonly wrong: readonly string[]
}

/** Names a part as these lists do. */
export function placeName([index, name]: PartPlace): string {
  return `${index}/${name}`
}

/** Holds every part of a log against its commitment, with the keys that there are now. */
export async function provableParts({ log, keys }: Store): Promise<Provable> {
  const proved: string[] = []
  const shredded: string[] = []
  const wrong: string[] = []
  const chunks = await log.chunks()
  for await (const batch of log.read(0, Number.MAX_SAFE_INTEGER)) {
    for (const { index, record } of batch) {
      const entry = readEntry(record.entry.toString('latin1'))
      const chunk = chunks.find(({ lo, hi }) => index >= lo && index < hi)
      const secrets = await keys.secrets(chunk?.lo ?? -1, entry.retention)
      for (const { name, bytes, keys: refs } of record.parts) {
        const place = placeName([index, name])
        const e = secrets?.partSeed(index - (chunk?.lo ?? 0), name)
        const subjects = await keys.subjectsById(refs.map(({ id }) => id))
        const all = refs.flatMap(({ id }) => subjects.get(id)?.key ?? []) as Digest[]
        if (bytes === null) (e === undefined && refs.every(isWiped) ? shredded : wrong).push(place)
        else if (e === undefined || all.length < refs.length) wrong.push(place)
        else {
          const found = commitment(partSalt(partSecret(e, all)), name, bytes)
          ;(found === entry.commitments[name] ? proved : wrong).push(place)
        }
      }
    }
  }
  return { proved, shredded, wrong }
}

/** Where a part had a key reference there are zeros now, or nothing. */
export function isWiped({ id, tag }: KeyRef): boolean {
  return id === '\0'.repeat(16) && tag === '\0'.repeat(16)
}

/** Files below a directory that hold one of these texts, in UTF-8, byte by byte, or in their names. */
export function filesWith(dir: string, texts: readonly string[]): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(name => {
    const path = join(dir, name)
    if (!statSync(path).isFile()) return texts.some(text => name.includes(text))
    const bytes = readFileSync(path)
    return texts.some(text => bytes.includes(text))
  })
}
