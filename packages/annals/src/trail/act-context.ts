import type { Catalog } from '../catalog/index.ts'
import type { ActContext } from '../lifecycle/act.ts'
import type { ActAsked } from '../lifecycle/act-runner.ts'
import { LOG_ITSELF } from '../lifecycle/own-entries.ts'
import type { Checkpointer } from '../log/checkpointer.ts'
import type { PartPlace } from '../log/log-store.ts'
import type { Sequencer } from '../log/sequencer.ts'
import type { Store } from '../log/store.ts'
import { storeError } from '../log/store-error.ts'
import type { Draft } from '../model/index.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Spooling } from '../record/spool/spooling.ts'
import { openArchive } from './open-archive.ts'

/** What acts of an open trail work with. */
export interface ActSurroundings {
  readonly store: Store
  readonly catalog: Catalog
  readonly asked: ActAsked
  readonly options: {
    readonly onErased?: ((parts: readonly PartPlace[]) => void) | undefined
  }
  readonly recorder: Recorder
  readonly sequencer: Sequencer
  readonly checkpointer: Checkpointer
  readonly spooling: Spooling | undefined
  readonly patienceMs: number
  readonly report: (error: Error) => void
}

/** The context of one request. */
export function actContext(around: ActSurroundings): ActContext {
  const { store, catalog, options, recorder, sequencer, checkpointer, spooling, report } = around
  const { name: request, actor } = around.asked
  let drafts = 0
  const flush = async (): Promise<void> => {
    await sequencer.settled()
    await checkpointer.publish()
  }
  return {
    store,
    catalog,
    request,
    actor,
    now: () => sequencer.now(),
    async record(given) {
      const recorded = await Promise.all(
        given.map(draft =>
          recorder.recordOwn({
            ...draft,
            id: draft.id ?? `${request}#${drafts++}`,
            ...(actor !== undefined && isLogItself(draft) ? { actor } : {}),
          }),
        ),
      )
      await flush()
      return recorded.map(({ id, index }) => ({ id, index }))
    },
    forgetKeys: () => sequencer.forgetKeys(),
    flush,
    async gather() {
      await spooling?.emptied(around.patienceMs)
    },
    async checkpoint() {
      await flush()
      return checkpointer.latest
    },
    async requestTimestamp(url, bytes) {
      const { requestTimestamp } = await import('../timestamps/index.ts')
      return await requestTimestamp(url, bytes)
    },
    openArchive,
    erased: tellErased(options.onErased, report),
  }
}

function isLogItself({ actor }: Draft): boolean {
  return actor?.type === LOG_ITSELF.type && actor.id === LOG_ITSELF.id
}

/** Tells whoever keeps copies what must be forgotten; a failure of theirs is reported, and stops nothing. */
export function tellErased(
  onErased: ((parts: readonly PartPlace[]) => void) | undefined,
  report: (error: Error) => void,
): (parts: readonly PartPlace[]) => void {
  return parts => {
    try {
      onErased?.(parts)
    } catch (error) {
      report(storeError(error))
    }
  }
}
