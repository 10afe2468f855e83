import { type Hash, parseCheckpoint, parseNote, proveConsistency } from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import type { LogStore } from '../log/log-store.ts'
import { treeReader } from '../log/tree-reader.ts'
import { AnnalsError } from '../model/index.ts'

/** That a log only grew: RFC 6962, section 2.1.2. */
export interface ConsistencyProof {
  /** Sizes of the old and of the new tree. */
  readonly from: number
  readonly to: number
  readonly hashes: readonly Hash[]
  /** Signed checkpoints over exactly these sizes, as far as the log has kept them: those at which a chunk ended, and the latest. */
  readonly old?: Uint8Array
  readonly new?: Uint8Array
}

/**
 * Proves that the tree of `to` entries extends that of the first `from`.
 *
 * @param latest signed checkpoint of the log; no larger tree is proven
 * @param to the size of that checkpoint unless told
 * @throws AnnalsError ANNALS_INVALID for sizes that are none, ANNALS_NOT_FOUND beyond the checkpoint or without one
 */
export async function proveGrowth(
  log: Pick<LogStore, 'hashes' | 'kept'>,
  latest: Uint8Array | undefined,
  from: number,
  to?: number,
): Promise<ConsistencyProof> {
  if (latest === undefined) throw new AnnalsError('ANNALS_NOT_FOUND', 'The log has no signed checkpoint yet.')
  const { size } = parseCheckpoint(parseNote(latest).text)
  const end = to ?? size
  for (const [name, value] of [['from', from] as const, ['to', end] as const])
    if (!Number.isSafeInteger(value) || value < 0) throw refuse(name, 'must be a number of entries')
  if (from > end) throw refuse('from', 'must not be above "to"')
  if (end > size) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `The latest checkpoint covers ${size} entries.`, {
      path: '/to',
      hint: 'Ask again when a newer checkpoint is there.',
    })
  }
  const noteOver = async (wanted: number): Promise<Uint8Array | undefined> =>
    wanted === size ? latest : await log.kept(wanted)
  const [hashes, old, young] = await Promise.all([
    proveConsistency(sha256Bytes, from, end, treeReader(log, end)),
    noteOver(from),
    noteOver(end),
  ])
  return {
    from,
    to: end,
    hashes,
    ...(old === undefined ? {} : { old }),
    ...(young === undefined ? {} : { new: young }),
  }
}

function refuse(name: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${name} ${what}.`, { path: `/${name}` })
}
