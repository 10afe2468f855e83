import { randomBytes } from 'node:crypto'
import { AnnalsError } from '../../../model/index.ts'
import type { Layout } from '../layout.ts'
import { readKekNote, writeKekNote } from './kek-note.ts'
import {
  formatKek,
  KEK_VARIABLE,
  type KeyEncryption,
  kekIsGiven,
  kekPath,
  nextKekPath,
  OLD_KEK_VARIABLE,
} from './key-encryption.ts'
import { rewrapPepper } from './pepper.ts'
import { replaceSecret, replaceWith } from './secret-file.ts'
import type { SeedFiles } from './seed-files.ts'

/** How long a key-encryption key is used before the operator is told to change it. */
const YEAR_MS = 365 * 24 * 60 * 60 * 1_000

/** What holds secrets under the key-encryption key. */
export interface Wrapped {
  readonly kek: KeyEncryption
  readonly seeds: SeedFiles
  /** Wraps every subject key anew; the thread that holds them is told of the key first. */
  rewrapSubjects(key: Uint8Array): Promise<void>
  /** The thread needs the key before no longer. */
  forgetKekBefore(): Promise<void>
}

type Progress = (done: number, total: number) => void

/** Which key everything is wrapped with. */
export async function kekState(
  layout: Layout,
  { kek }: Wrapped,
): Promise<{ readonly id: string; readonly since: string; readonly file: boolean }> {
  const { id = kek.id, since = '' } = (await readKekNote(layout)) ?? {}
  return { id, since, file: !kekIsGiven() }
}

/**
 * Changes the key-encryption key that lies in `keys/kek`. While `keys/kek.next` exists both keys unwrap; a change that was cut
 * short goes on at the next opening.
 *
 * @throws AnnalsError ANNALS_KEYS when the environment has the key: then its owner changes it there
 */
export async function rotateKek(
  layout: Layout,
  wrapped: Wrapped,
  progress: Progress,
  now: number,
): Promise<string> {
  if (kekIsGiven()) {
    throw new AnnalsError(
      'ANNALS_KEYS',
      `The key-encryption key is in ${KEK_VARIABLE}, and can be changed only there.`,
      {
        hint: `Set ${KEK_VARIABLE} to the new key and ${OLD_KEK_VARIABLE} to the present one, and open the log again: everything is then wrapped anew.`,
      },
    )
  }
  // One that was begun is finished: its key has wrapped some secrets already.
  if (!wrapped.kek.changing) {
    const next = randomBytes(32)
    await replaceSecret(nextKekPath(layout), formatKek(next))
    wrapped.kek.change(next)
  }
  await finish(layout, wrapped, progress, now)
  return wrapped.kek.id
}

/**
 * Finishes a change of the key that an opening finds begun, and looks how old the key is.
 *
 * @returns what the operator should know
 */
export async function settleKek(layout: Layout, wrapped: Wrapped, now: number): Promise<readonly string[]> {
  const { kek } = wrapped
  const note = await readKekNote(layout)
  if (kek.changing) {
    if (!kekIsGiven() || note?.id !== kek.id) return [await resume(layout, wrapped, now)]
    kek.forgetBefore()
    await wrapped.forgetKekBefore()
    return [`${OLD_KEK_VARIABLE} is needed no longer. Unset it, and destroy that key.`]
  }
  if (note?.id !== kek.id) {
    await writeKekNote(layout, { id: kek.id, since: new Date(now).toISOString() })
    return []
  }
  if (now - Date.parse(note.since) <= YEAR_MS) return []
  const how = kekIsGiven() ? `give a new one in ${KEK_VARIABLE}` : 'change it with annals key rotate kek'
  return [
    `The key-encryption key has been in use since ${note.since.slice(0, 10)}, for more than a year: ${how}.`,
  ]
}

async function resume(layout: Layout, wrapped: Wrapped, now: number): Promise<string> {
  try {
    await finish(layout, wrapped, () => {}, now)
  } catch (error) {
    if (!(error instanceof AnnalsError)) throw error
    // Both keys go on to unwrap, so that the log can be written.
    return `The change of the key-encryption key cannot be finished: ${error.message} Keep both keys.`
  }
  return kekIsGiven()
    ? `Every secret is wrapped with the key in ${KEK_VARIABLE} now. Unset ${OLD_KEK_VARIABLE}, and destroy that key.`
    : 'The change of the key-encryption key that was cut short is finished.'
}

async function finish(layout: Layout, wrapped: Wrapped, progress: Progress, now: number): Promise<void> {
  const { kek, seeds } = wrapped
  await rewrapPepper(layout, kek)
  await wrapped.rewrapSubjects(kek.raw()[0])
  await seeds.rewrap(progress)
  await writeKekNote(layout, { id: kek.id, since: new Date(now).toISOString() })
  if (!kekIsGiven()) await replaceWith(kekPath(layout), nextKekPath(layout))
  kek.forgetBefore()
  await wrapped.forgetKekBefore()
}
