import { type ParsedNote, parseCheckpoint, parseCosignature, parseNote, parseVerifierKey } from '@annals/tlog'
import { holdsOf } from '../lifecycle/holds.ts'
import type { Checkpointer } from '../log/checkpointer.ts'
import { sha256Bytes } from '../log/digest.ts'
import type { ChunkState } from '../log/log-store.ts'
import type { Sequencer } from '../log/sequencer.ts'
import type { Period, Store } from '../log/store.ts'
import type { ErrorCode } from '../model/index.ts'
import { countAll } from '../query/index.ts'

/** How a trail is, in numbers: nothing of any event. */
export interface TrailStatus {
  readonly origin: string
  readonly period: Period
  /** Entries that are durable. */
  readonly size: number
  /** Events that were accepted and are not durable yet. */
  readonly waiting: number
  /** Why the last append failed, and when; absent once one has succeeded. */
  readonly failure?: { readonly code: ErrorCode; readonly at: string }
  /** The latest signed checkpoint; absent before the first. */
  readonly checkpoint?: {
    readonly size: number
    /** When the log cosigned it, ISO 8601 UTC. */
    readonly at?: string
  }
  /** Chunks by state, and their bytes with those of their indexes. */
  readonly chunks: Readonly<Record<ChunkState, number>> & { readonly bytes: number }
  /** Everything below this position can be searched. */
  readonly watermark: number
  /** Holds in force. */
  readonly holds: number
  /** Entries that say that events may be missing. */
  readonly gaps: number
}

/** What a status is made from. */
export interface StatusSource {
  readonly store: Store
  readonly sequencer: Pick<Sequencer, 'outstanding' | 'failure'>
  readonly checkpointer: Pick<Checkpointer, 'latest'>
  /** Entries that are durable and readable. */
  readonly size: number
}

/** How a trail is now. It reads, and waits for no act. */
export async function statusOf({ store, sequencer, checkpointer, size }: StatusSource): Promise<TrailStatus> {
  const { origin, period } = store.identity
  const asked = { query: 'action:log.gap', now: 0, timeZone: 'UTC', includeLog: true, from: 0, to: size }
  const [chunks, holds, gaps] = await Promise.all([
    store.log.chunks(),
    holdsOf({ store }),
    countAll(store.search, asked),
  ])
  const counts = { open: 0, closed: 0, sealed: 0, dropped: 0, bytes: 0 }
  for (const { state, bytes } of chunks) {
    counts[state]++
    counts.bytes += bytes
  }
  const { failure } = sequencer
  const { latest } = checkpointer
  return {
    origin,
    period,
    size,
    waiting: sequencer.outstanding,
    ...(failure === undefined
      ? {}
      : { failure: { code: failure.error.code, at: new Date(failure.at).toISOString() } }),
    ...(latest === undefined ? {} : { checkpoint: checkpointOf(latest, store.signer.cosignerVkey) }),
    chunks: counts,
    watermark: size,
    holds: holds.filter(hold => hold.released === undefined).length,
    gaps: gaps.total,
  }
}

function checkpointOf(latest: Uint8Array, cosigner: string): NonNullable<TrailStatus['checkpoint']> {
  const note = parseNote(latest)
  const { size } = parseCheckpoint(note.text)
  const at = cosignedAt(note, cosigner)
  return { size, ...(at === undefined ? {} : { at }) }
}

/** When the log's own cosigner says that it signed. */
function cosignedAt({ signatures }: ParsedNote, vkey: string): string | undefined {
  const { name, keyId } = parseVerifierKey(sha256Bytes, vkey)
  const own = signatures.find(signature => signature.name === name && signature.keyId === keyId)
  return own === undefined ? undefined : new Date(parseCosignature(own.signature).time * 1000).toISOString()
}
