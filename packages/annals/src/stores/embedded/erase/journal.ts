import { rm } from 'node:fs/promises'
import type { PartPlace } from '../../../log/log-store.ts'
import { AnnalsError } from '../../../model/index.ts'
import { readIfThere, replaceFile, syncDirectory } from '../files.ts'
import type { Layout } from '../layout.ts'

/*
 * `erasing.json`: what is being erased, by positions and names of parts; never content. It is there from before the first byte
 * is overwritten until nothing is left to do, so that an erasure that a crash cut short is finished by the next opening.
 */

/** Whether an erasure was begun and not finished. */
export async function isErasing(layout: Layout): Promise<boolean> {
  return (await readIfThere(layout.erasing)) !== undefined
}

/** The parts whose erasure has begun and was not finished. @throws AnnalsError ANNALS_CORRUPT */
export async function readJournal(layout: Layout): Promise<readonly PartPlace[]> {
  const bytes = await readIfThere(layout.erasing)
  if (bytes === undefined) return []
  try {
    const { parts } = JSON.parse(bytes.toString('utf8')) as { readonly parts: readonly PartPlace[] }
    if (parts.every(([index, name]) => Number.isSafeInteger(index) && typeof name === 'string')) return parts
  } catch {}
  throw new AnnalsError('ANNALS_CORRUPT', `${layout.erasing} cannot be read: an erasure was not finished.`, {
    hint: 'Remove the file, open the log, and run annals verify: what it reports as pending must be erased again.',
  })
}

/** Writes down what will be erased; durable when it resolves. */
export async function writeJournal(layout: Layout, parts: readonly PartPlace[]): Promise<void> {
  await replaceFile(layout.erasing, `${JSON.stringify({ v: 1, parts })}\n`)
}

/** Everything that was written down is done. */
export async function clearJournal(layout: Layout): Promise<void> {
  await rm(layout.erasing, { force: true })
  syncDirectory(layout.dir)
}
