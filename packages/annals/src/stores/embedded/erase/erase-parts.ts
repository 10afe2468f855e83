import { existsSync } from 'node:fs'
import type { PartPlace } from '../../../log/log-store.ts'
import { changeIndex, type PreparedIndex, prepareIndex, shredIndex } from '../index/change-index.ts'
import type { IndexChange, SpanOf } from '../index/change-rows.ts'
import { indexIntact, sumPath } from '../index/segment-index.ts'
import type { Layout } from '../layout.ts'
import { openRecords } from '../read/open-records.ts'
import { shredNamed } from '../sealed/discard.ts'
import { hideIndex } from '../sealed/hide-index.ts'
import { type PreparedRewrite, prepareRewrite } from '../sealed/rewrite-sealed.ts'
import { listSegments, type SegmentRef } from '../segment-file.ts'
import type { SharedState } from '../shared-state.ts'
import { eraseInRecord } from './erase-in-record.ts'
import { contentGone } from './erasures.ts'
import { clearJournal, readJournal, writeJournal } from './journal.ts'
import { RowChanges } from './row-changes.ts'
import { finishSegment, type Wanted, wipeSegment } from './wipe-segment.ts'

/** What is to be erased in one segment. */
interface Task {
  readonly ref: SegmentRef
  readonly wanted: Wanted
  readonly changes: RowChanges
}

/** What is to be overwritten once the readers have let go of it. */
type Leftovers = (() => Promise<void>)[]

/** Files that take the place of others at the same moment. */
interface Prepared {
  readonly task: Task
  readonly segment: PreparedRewrite
  readonly index: PreparedIndex | undefined
}

/**
 * Erases parts of durable events: from segments, sealed or not, from their search indexes, and from the memory of readers in
 * every process. Written down before the first byte is overwritten; after a crash `finishErasing` does the rest. Recording
 * goes on meanwhile; call it in a thread that may block.
 *
 * @throws AnnalsError ANNALS_CORRUPT where a segment cannot be stepped through; what could be erased is
 */
export async function eraseParts(
  layout: Layout,
  parts: readonly PartPlace[],
  shared: SharedState,
): Promise<void> {
  await finishErasing(layout, shared)
  const tasks = tasksOf(layout, parts, shared.size)
  if (tasks.length === 0) return
  await writeJournal(layout, parts)
  const prepared: Prepared[] = []
  const leftovers: Leftovers = []
  try {
    for (const task of tasks) if (task.ref.form === 'sealed') await prepareSealed(task, prepared)
    shared.holdIndexing()
    try {
      for (const one of prepared) await swap(one, leftovers)
      for (const task of tasks) if (task.ref.form === 'seg') await wipe(task, leftovers)
    } finally {
      shared.releaseIndexing()
    }
  } catch (error) {
    await Promise.allSettled(prepared.flatMap(({ segment, index }) => [segment.discard(), index?.discard()]))
    // No index may say what its segment does not. Should that fail as well, the next erasure or opening does it.
    await finishErasing(layout, shared).catch(() => {})
    await Promise.allSettled(leftovers.map(shred => shred()))
    throw error
  }
  await contentGone(layout, shared)
  for (const shred of leftovers) await shred()
  await clearJournal(layout)
}

/**
 * Finishes what a crash or a failure cut short. The search indexes of these segments are made anew from what is left.
 *
 * @returns whether there was anything to do
 */
export async function finishErasing(layout: Layout, shared: SharedState): Promise<boolean> {
  const pending = await readJournal(layout)
  if (pending.length === 0) return false
  shared.holdIndexing()
  try {
    for (const { ref, wanted } of tasksOf(layout, pending, Number.POSITIVE_INFINITY)) {
      await shredIndex(ref.index)
      if (ref.form === 'seg') finishSegment(ref, wanted)
      else {
        const rewrite = await prepareRewrite(ref.path, (index, record) =>
          eraseInRecord(record, wanted.get(index)),
        )
        await rewrite?.swap()
      }
    }
  } finally {
    shared.releaseIndexing()
  }
  await contentGone(layout, shared)
  await clearJournal(layout)
  return true
}

/** What is to be done by segment, the newest last; nothing is left to erase where only leaf hashes are. */
function tasksOf(layout: Layout, parts: readonly PartPlace[], size: number): Task[] {
  const refs = listSegments(layout.chunks)
  const wanted = new Map<SegmentRef, Map<number, Set<string>>>()
  for (const [index, name] of parts) {
    const ref = refs.findLast(({ first }) => first <= index)
    if (ref === undefined || index >= size) throw new RangeError(`position ${index} is not below ${size}`)
    if (ref.form === 'spine') continue
    const inSegment = wanted.get(ref) ?? new Map<number, Set<string>>()
    wanted.set(ref, inSegment)
    inSegment.set(index, (inSegment.get(index) ?? new Set()).add(name))
  }
  return refs.flatMap((ref, i) => {
    const inSegment = wanted.get(ref)
    const end = Math.min(refs[i + 1]?.first ?? size, size)
    return inSegment === undefined
      ? []
      : [{ ref, wanted: inSegment, changes: new RowChanges(ref.first, end) }]
  })
}

async function prepareSealed(task: Task, prepared: Prepared[]): Promise<void> {
  const { ref, wanted, changes } = task
  const segment = await prepareRewrite(ref.path, (index, record) => {
    const after = eraseInRecord(record, wanted.get(index))
    if (after !== record) changes.add(index, record, after)
    return after
  })
  if (segment === undefined) return
  const closed = indexIntact(ref.index)
  prepared.push({ task, segment, index: closed ? await changedIndex(task, ref.index) : undefined })
}

/** Between the old index and the new one there is none: searches walk the records, also after a crash. */
async function swap({ task, segment, index }: Prepared, leftovers: Leftovers): Promise<void> {
  hide(task.ref, leftovers)
  await segment.swap()
  index?.place()
}

/** Wipes a segment that is not sealed. Its index is changed in place where it is gone on with. */
async function wipe(task: Task, leftovers: Leftovers): Promise<void> {
  const { ref, wanted, changes } = task
  const closed = indexIntact(ref.index)
  const goneOn = existsSync(ref.index) && !existsSync(sumPath(ref.index))
  const hidden = goneOn ? undefined : hide(ref, leftovers)
  wipeSegment(ref, wanted, (index, before, after) => changes.add(index, before, after))
  if (goneOn) {
    if (!(await changedInPlace(task))) hide(ref, leftovers)
  } else if (closed && hidden !== undefined) (await changedIndex(task, hidden))?.place()
}

/** A closed index without what is erased, if it can be had by changing it. */
async function changedIndex(task: Task, from: string): Promise<PreparedIndex | undefined> {
  const { ref } = task
  return await withRows(task, (rows, spanOf) => prepareIndex(from, ref.index, ref.first, rows, spanOf))
}

async function changedInPlace(task: Task): Promise<boolean> {
  const { ref } = task
  return (await withRows(task, (rows, spanOf) => changeIndex(ref.index, ref.first, rows, spanOf))) ?? false
}

/** Undefined when the index is better made anew. */
async function withRows<T>(
  { ref, changes }: Task,
  change: (rows: readonly IndexChange[], spanOf: SpanOf) => T | Promise<T>,
): Promise<T | undefined> {
  const { rows } = changes
  if (rows === undefined) return undefined
  const records = openRecords(ref)
  try {
    return await change(rows, block => changes.spanIn(records, block))
  } finally {
    records.close()
  }
}

/** Takes an index away, to be overwritten once nobody reads it; where it is now. */
function hide(ref: SegmentRef, leftovers: Leftovers): string | undefined {
  const hidden = hideIndex(ref.index)
  for (const path of hidden) leftovers.push(() => shredNamed(path))
  return hidden[0]
}
