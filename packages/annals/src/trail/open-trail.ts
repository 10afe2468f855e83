import { type Catalog, sameManifest } from '../catalog/index.ts'
import { Feed } from '../follow/feed.ts'
import { ActRunner } from '../lifecycle/act-runner.ts'
import { pausesOf } from '../lifecycle/pauses-of.ts'
import { replayAuthorities } from '../lifecycle/replay.ts'
import { Checkpointer } from '../log/checkpointer.ts'
import type { Positioned } from '../log/log-store.ts'
import { Sequencer } from '../log/sequencer.ts'
import { SEQUENCER_LIMITS } from '../log/sequencer-limits.ts'
import type { Store } from '../log/store.ts'
import { storeError } from '../log/store-error.ts'
import { AnnalsError, type AuditEvent, isLogAction, type Limits, lowerLimits } from '../model/index.ts'
import { isPauseAction, Pauses } from '../policy/index.ts'
import { Admission } from '../record/admission.ts'
import { guarded } from '../record/guarded.ts'
import { Listeners } from '../record/listening.ts'
import { Pausing } from '../record/pausing.ts'
import { compareWithRecorded, Recorder } from '../record/recorder.ts'
import { openSpool } from '../record/spool/open-spool.ts'
import type { Spool } from '../record/spool/spool.ts'
import { requireSpool, waitingUnder } from '../record/waiting-under.ts'
import { actContext, tellErased } from './act-context.ts'
import { BackgroundSealing } from './background-sealing.ts'
import { captureWith, spoolInto } from './capture-with.ts'
import { eventOf } from './event-of.ts'
import { inboxAnswer, inboxError } from './inbox-answer.ts'
import type { LocalTrail } from './local-trail.ts'
import { once } from './once.ts'
import { meterOfWriter } from './open-meter.ts'
import type { OpenTrailOptions } from './open-trail-options.ts'
import { openWitnesses } from './open-witnesses.ts'
import { catalogStated, clockGap, logOpened, periodStated, sourceClosed, sourceOpened } from './own-events.ts'
import { openCatalog, ReadSide, statedCatalog } from './read-side.ts'
import { RecordingTrail } from './recording-trail.ts'
import { statedPeriod } from './stated-period.ts'
import { Sweeper } from './sweeper.ts'

export type { OpenTrailOptions } from './open-trail-options.ts'

/**
 * Opens a log for recording and reading.
 *
 * @throws AnnalsError ANNALS_LOCKED when another process writes it, or uses the spool; ANNALS_UNSUPPORTED for a policy that spools without
 * one; ANNALS_CORRUPT, ANNALS_ROLLBACK, ANNALS_KEYS, ANNALS_FORMAT
 * @example
 * ```ts
 * const trail = await openTrail({ dir: './annals-data' })
 * await trail.record('machine.delete', { targets: [{ type: 'machine', id: 'web-3' }] })
 * await trail.close()
 * ```
 */
export async function openTrail<const C extends Catalog = Catalog>(
  options: OpenTrailOptions<C>,
): Promise<LocalTrail<C>> {
  const limits = lowerLimits(options.limits)
  requireSpool(options.capture, options.spool)
  const waiting = waitingUnder(options.capture, options.waiting)
  const { heartbeatMs, sealing, operationTimeoutMs } = options
  if (heartbeatMs !== undefined && !(heartbeatMs >= 1))
    throw new TypeError(`heartbeatMs ${heartbeatMs}: milliseconds from 1, or Infinity`)
  if (operationTimeoutMs !== undefined && !(operationTimeoutMs >= 1))
    throw new TypeError(`operationTimeoutMs ${operationTimeoutMs}: milliseconds from 1`)
  if (sealing !== undefined && sealing !== 'auto' && sealing !== 'manual')
    throw new TypeError(`sealing ${JSON.stringify(sealing)}: 'auto' or 'manual'`)
  const report = guarded(options.onError)
  const clock = { now: options.clocks?.wall ?? Date.now }
  const store = options.store ?? (await openDirectory(options, report, () => clock.now()))
  let spool: Spool | undefined
  try {
    if (options.spool !== undefined) spool = await openSpool(options.spool)
    const parts = await assemble(store, spool, { ...options, waiting }, limits, report)
    // Checkpoints and entries are dated by one clock: a jump that one disbelieves would make the other a contradiction.
    clock.now = () => parts.sequencer.now()
    return new RecordingTrail(parts) as unknown as LocalTrail<C>
  } catch (error) {
    await spool?.close().catch(report)
    await store.close()
    throw error
  }
}

async function openDirectory(
  options: OpenTrailOptions,
  report: (error: Error) => void,
  clock: () => number,
): Promise<Store> {
  const { dir, origin, period } = options
  if (typeof dir !== 'string' || dir === '')
    throw new TypeError('openTrail needs a directory (dir) or a store')
  const { openEmbedded } = await import('../stores/embedded/index.ts')
  return await openEmbedded({ dir, origin, period, clock, onError: report })
}

async function assemble(
  store: Store,
  spool: Spool | undefined,
  options: OpenTrailOptions,
  limits: Limits,
  report: (error: Error) => void,
): Promise<ConstructorParameters<typeof RecordingTrail>[0]> {
  const head = await store.log.open()
  for (const notice of [...head.notices, ...(store.notices ?? [])]) options.onNotice?.(notice)
  const signed = await store.signer.head()
  if (signed !== undefined && signed.size > head.tree.size) {
    throw new AnnalsError(
      'ANNALS_ROLLBACK',
      `The log has ${head.tree.size} entries, but its signer has signed ${signed.size}.`,
      {
        hint: 'An older copy was restored, or entries were removed. Restore the newest copy, and run verify.',
      },
    )
  }
  const stated = head.tree.size === 0 ? undefined : await statedCatalog(store.search)
  const catalog = options.catalog ?? stated ?? openCatalog()
  const feed = new Feed(head.tree.size, () => store.erasures())
  const meter = meterOfWriter(store, feed, options.clocks?.wall ?? Date.now, report)
  const checkpointer = new Checkpointer(
    store,
    head.tree,
    head.checkpoint,
    report,
    await openWitnesses(options.policy, store.dir),
    options.heartbeatMs,
  )
  if (head.tree.size > 0) {
    // A crash may have come between an order and its doing, or an older copy of files or keys have been put back.
    const flush = (): Promise<void> => checkpointer.publish()
    await replayAuthorities({ store, catalog, erased: tellErased(options.onErased, report), flush })
  }
  const sweeper = new Sweeper(
    {
      index: store.search,
      size: () => feed.size(),
      tell: outcome => own.recordMissing(outcome),
      between: work => acts.between(work),
      derived: store.derived,
      now: options.clocks?.wall ?? Date.now,
      report,
    },
    options.operationTimeoutMs,
  )
  const pauses = head.tree.size === 0 ? new Pauses() : await pausesOf({ store })
  let sealing: BackgroundSealing | undefined
  let recorder: Recorder | undefined
  const sequencer = new Sequencer(
    store,
    head,
    {
      durable(items, tree) {
        const events = once(() => items.map(eventOf))
        for (const item of items) if (isPauseAction(item.event.action)) pauses.take(eventOf(item))
        feed.grew(tree.size, events)
        meter.offer(items)
        sweeper.offer(items)
        checkpointer.grew(tree)
        sealing?.grew()
        if (options.onRecorded !== undefined) tell(events(), options.onRecorded, report)
      },
      clockJumped(jump) {
        // Not at once: the sequencer is in the middle of giving a time.
        queueMicrotask(() => {
          recorder?.recordOwn(clockGap(jump)).catch(report)
        })
      },
      notAwaited: item => recorder?.denyNotAwaited(item),
      async chunkEnded() {
        await checkpointer.boundary()
        sealing?.chunkEnded()
      },
      duplicate: async (item, index) =>
        compareWithRecorded(item, index, (await only(store.log.read(index, index + 1))).record),
    },
    options.waiting,
    options.clocks,
  )
  let opened = false
  const onFirst = (): void => {
    opened = true
    own.recordOwn(sourceOpened(store.identity)).catch(report)
  }
  const admission = new Admission(catalog, limits, store.keys.pepper, options.clocks?.wall)
  const own = new Recorder(admission, sequencer, onFirst, report)
  own.pauseWith(new Pausing(pauses, draft => admission.normalize(draft).event, options.capture))
  recorder = own
  const around = {
    store,
    admission,
    recorder: own,
    sequencer,
    checkpointer,
    report,
    patienceMs: options.waiting?.patienceMs ?? SEQUENCER_LIMITS.patienceMs,
  }
  const spooling = spool === undefined ? undefined : spoolInto(spool, around)
  const endCapture =
    options.capture === undefined ? undefined : captureWith(options.capture, { ...around, spooling })
  if (head.tree.size === 0) await own.recordOwn(logOpened(store.identity, store.signer.vkey))
  if (
    options.catalog !== undefined &&
    !sameManifest((stated ?? openCatalog()).manifest(), catalog.manifest())
  ) {
    await own.recordOwn(catalogStated(catalog))
  }
  if (head.tree.size > 0 && (await statedPeriod(store.search)) !== store.identity.period) {
    sequencer.endChunk()
    await own.recordOwn(periodStated(store.identity))
  }
  const acts = new ActRunner(asked => actContext({ ...around, catalog, asked, options, spooling }))
  if (options.sealing !== 'manual') {
    sealing = new BackgroundSealing(acts, report)
    sealing.wake()
  }
  store.inbox?.open({
    drafts: async drafts => (await own.recordAll(drafts)).map(inboxAnswer),
    act: async (name, argument, request, progress) => {
      try {
        return { result: await acts.performNamed(name, argument, request, progress) }
      } catch (error) {
        return inboxError(storeError(error))
      }
    },
  })
  meter.start()
  sweeper.start()
  spooling?.begin()
  return {
    sweeper,
    capture: options.capture,
    store,
    sequencer,
    checkpointer,
    recorder: own,
    acts,
    readSide: new ReadSide(store.search, feed, () => catalog),
    meter,
    endCapture,
    listeners: new Listeners(drafts => own.recordAll(drafts), report),
    spooling,
    patienceMs: around.patienceMs,
    notify: notice => options.onNotice?.(notice),
    farewell: async () => {
      if (opened) await own.recordOwn(sourceClosed(store.identity))
    },
  }
}

function tell(
  events: readonly AuditEvent[],
  onRecorded: (event: AuditEvent) => void,
  report: (error: Error) => void,
): void {
  for (const event of events) {
    if (isLogAction(event.action)) continue
    try {
      onRecorded(event)
    } catch (error) {
      report(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

async function only(batches: AsyncIterable<readonly Positioned[]>): Promise<Positioned> {
  for await (const [first] of batches) if (first !== undefined) return first
  throw new AnnalsError('ANNALS_STORE', 'An entry that the index names cannot be read.')
}
