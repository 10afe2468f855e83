import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { proveConsistency } from '@annals/tlog'
import { onTestFinished } from 'vitest'
import { rootOf } from '../../../conformance/store/root-of.ts'
import { SampleLog } from '../../../conformance/store/sample-log.ts'
import { variedDrafts } from '../../../conformance/store/varied-drafts.ts'
import { sha256Bytes } from '../../../log/digest.ts'
import { treeReader } from '../../../log/tree-reader.ts'
import { type EmbeddedOptions, openEmbedded } from '../open.ts'

/** A directory of its own for one test. */
export function temporaryDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-sealed-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Opens a log of hourly chunks in small segments; closed when the test is over. A failure in a thread fails it. */
export async function openLog(dir: string, options: Partial<EmbeddedOptions> = {}): Promise<SampleLog> {
  const failures: Error[] = []
  const store = await openEmbedded({
    dir,
    period: 'hour',
    segments: { events: 300 },
    onError: error => failures.push(error),
    ...options,
  })
  const log = await SampleLog.on(store)
  onTestFinished(async () => {
    await closeLog(log)
    if (failures.length > 0) throw failures[0]
  })
  return log
}

const closed = new WeakSet<SampleLog>()

/** Closes a log once. */
export async function closeLog(log: SampleLog): Promise<void> {
  if (closed.has(log)) return
  closed.add(log)
  await log.store.close()
}

/** Signs what there is, publishes and keeps it. */
export async function keepCheckpoint(log: SampleLog): Promise<void> {
  const { signer, log: logStore } = log.store
  const note = await signer.sign(log.size, rootOf(log.written), oldSize =>
    proveConsistency(sha256Bytes, oldSize, log.size, treeReader(logStore, log.size)),
  )
  await logStore.publish(note)
  await logStore.keep(note)
}

/** Appends a chunk of so many events, ended by its checkpoint; answers with its first position. */
export async function appendChunk(log: SampleLog, count: number, seed: number): Promise<number> {
  const lo = log.size
  const drafts = variedDrafts(count, seed)
  for (let at = 0; at < count; at += 100) {
    await log.append(drafts.slice(at, at + 100))
    log.time += 1000
  }
  await keepCheckpoint(log)
  log.nextPeriod()
  return lo
}
