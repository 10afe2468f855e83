import { readEntry } from '../log/entry.ts'
import type { Puncture } from '../log/key-store.ts'
import type { Chunk, PartPlace } from '../log/log-store.ts'
import type { Store } from '../log/store.ts'
import type { ErasureAuthority } from './authority.ts'
import { recordsAt } from './records-at.ts'

/** Parts that are erased together. */
const BATCH = 4_096

/** What authorities are carried out on. */
export interface Deletable {
  readonly store: Pick<Store, 'log' | 'keys'>
  /** Names that further parts can have: those the catalog declares. */
  readonly partNames: readonly string[]
  /** Told which parts are gone. */
  erased(parts: readonly PartPlace[]): void
}

/**
 * Carries out an erasure or redaction: the content first, then the secrets behind it. Again, it does nothing, and it finishes
 * what a crash left half done.
 */
export async function applyErasure(
  on: Deletable,
  { parts, keys }: Pick<ErasureAuthority, 'parts' | 'keys'>,
): Promise<void> {
  for (let at = 0; at < parts.length; at += BATCH) {
    const batch = parts.slice(at, at + BATCH)
    await on.store.log.erase(batch)
    on.erased(batch)
  }
  await punctureSeeds(on, parts)
  await on.store.keys.destroySubjects(keys)
}

/** Removes erased parts from the seeds of their chunks. What is still there of an entry keeps its own secret. */
async function punctureSeeds(on: Deletable, parts: readonly PartPlace[]): Promise<void> {
  const { log, keys } = on.store
  const positions = [...new Set(parts.map(([index]) => index))].sort((a, b) => a - b)
  for (const chunk of await log.chunks()) {
    const within = positions.filter(index => index >= chunk.lo && index < chunk.hi)
    if (within.length === 0) continue
    const punctures =
      chunk.state === 'dropped' ? await archivedOnly(on, chunk, parts) : await stillHere(on, chunk, within)
    for (const [retention, list] of punctures) await keys.puncture(chunk.lo, retention, list)
  }
}

type Punctures = Map<string, Puncture[]>

async function stillHere(
  { store }: Deletable,
  { lo }: Chunk,
  positions: readonly number[],
): Promise<Punctures> {
  const punctures: Punctures = new Map()
  for await (const { index, record } of recordsAt(store.log, positions)) {
    const kept = record.parts.filter(part => part.bytes !== null).map(part => part.name)
    const retention = record.thinned?.retention ?? readEntry(record.entry.toString('latin1')).retention
    add(punctures, retention, { offset: index - lo, kept })
  }
  return punctures
}

/**
 * Of a dropped chunk only archives have the entries: every class it had is punctured, and every name that a part can have
 * keeps its secret but for those that are erased. A secret of a part that never was is no harm.
 */
async function archivedOnly(on: Deletable, chunk: Chunk, parts: readonly PartPlace[]): Promise<Punctures> {
  const punctures: Punctures = new Map()
  const manifest = await on.store.log.manifest(chunk.lo)
  const gone = new Map<number, Set<string>>()
  for (const [index, name] of parts) {
    if (index < chunk.lo || index >= chunk.hi) continue
    const names = gone.get(index) ?? new Set()
    gone.set(index, names.add(name))
  }
  for (const retention of Object.keys(manifest?.classes ?? {})) {
    for (const [index, names] of gone)
      add(punctures, retention, {
        offset: index - chunk.lo,
        kept: on.partNames.filter(name => !names.has(name)),
      })
  }
  return punctures
}

function add(punctures: Punctures, retention: string, puncture: Puncture): void {
  const list = punctures.get(retention)
  if (list === undefined) punctures.set(retention, [puncture])
  else list.push(puncture)
}
