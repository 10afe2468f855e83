import { type Catalog, LOG_TYPES } from '../catalog/index.ts'
import type { PartPlace } from '../log/log-store.ts'
import type { Store } from '../log/store.ts'
import type { Progress } from './act.ts'
import { applyAuthorities } from './apply-authority.ts'
import { AUTHORITY_QUERY, readAuthority } from './authority.ts'
import { foundEvents } from './found-events.ts'
import { contentCameBack } from './restored-content.ts'

/** What authorities are carried out on: an act's context, or a log that is being opened. */
export interface Replayed {
  readonly store: Store
  readonly catalog: Pick<Catalog, 'types'>
  /** Told which parts are gone. */
  erased(parts: readonly PartPlace[]): void
  /** Puts everything that is recorded under a signed checkpoint: nothing is deleted before that. */
  flush(): Promise<void>
  /** Lets the recorder, where there is one, use no secret that was destroyed. */
  forgetKeys?(): Promise<void>
}

const END = Number.MAX_SAFE_INTEGER

/**
 * Carries out every authority that has not been carried out on the content or on the keys that are here: all of them, when
 * files of an older copy were put back. To be called before anything of a log is served.
 *
 * @returns how many authorities were carried out
 */
export async function replayAuthorities(on: Replayed): Promise<number> {
  const applied = await appliedTo(on.store)
  return await carryOut(on, (await contentCameBack(on.store, applied)) ? 0 : applied)
}

/**
 * Carries out what acts have ordered since the last time. An act calls it first, to finish what one before it could not, and
 * again once its own authorities are under a checkpoint.
 */
export async function carryOutAuthorities(on: Replayed, progress?: Progress): Promise<number> {
  return await carryOut(on, await appliedTo(on.store), progress)
}

async function appliedTo(store: Store): Promise<number> {
  return Math.min(await store.keys.applied(), await store.applied())
}

async function carryOut(on: Replayed, from: number, progress: Progress = () => {}): Promise<number> {
  const { store } = on
  const target = { store, partNames: partNamesOf(on.catalog), erased: on.erased.bind(on) }
  let done = 0
  let end = from
  for await (const page of foundEvents(store.search, AUTHORITY_QUERY, [from, END])) {
    if (done === 0) await on.flush()
    await applyAuthorities(
      target,
      page.map(readAuthority).filter(authority => authority !== undefined),
    )
    done += page.length
    end = (page.at(-1)?.index ?? end) + 1
    progress(done, done)
  }
  if (done === 0) return 0
  await on.forgetKeys?.()
  await store.setApplied(end)
  await store.keys.setApplied(end)
  return done
}

/** Every name that a part of an event can have. */
function partNamesOf({ types }: Pick<Catalog, 'types'>): readonly string[] {
  const names = new Set(['what', 'who'])
  for (const type of [...LOG_TYPES.values(), ...types])
    for (const name of Object.keys(type.parts)) names.add(name)
  return [...names]
}
