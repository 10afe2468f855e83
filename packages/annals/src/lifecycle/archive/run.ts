import { archivePrefix } from '../../log/archive-path.ts'
import type { Chunk, SealManifest } from '../../log/log-store.ts'
import { AnnalsError } from '../../model/index.ts'
import { type Act, type ActContext, defineAct, type Progress } from '../act.ts'
import { activeHolds, heldIn } from '../holds.ts'
import { ownDraft, ownEntries } from '../own-entries.ts'
import { type PolicyInForce, policyInForce } from '../retention-policy.ts'
import { type NotSealed, sealEnded } from '../seal.ts'
import type { Archive } from './archive.ts'
import { archiveChunk } from './archive-chunk.ts'
import { firstLocks, isDue, mayBeDue, renewedLocks } from './archive-locks.ts'
import { type ArchiveReceipt, manifestOf, readBack, receiptsFor } from './receipts.ts'
import { type ArchiveRequest, readArchiveRequest } from './request.ts'

/** A chunk that was archived now. */
export interface ArchivedNow {
  readonly chunk: number
  readonly period: string
  readonly entries: number
  readonly path: string
  readonly objects: number
  readonly bytes: number
}

/** A chunk whose content a hold keeps in the log. */
export interface HeldBack {
  readonly chunk: number
  readonly entries: number
}

/** What the act `archive` answers. */
export interface ArchiveRun {
  /** Where, without credentials. */
  readonly archive: string
  readonly archived: readonly ArchivedNow[]
  /** First positions of the chunks whose content was removed from the log. */
  readonly dropped: readonly number[]
  /** Chunks that were not dropped because of a hold. */
  readonly held: readonly HeldBack[]
  /** First positions of the chunks whose locks were lengthened. */
  readonly renewed: readonly number[]
  /** Chunks that have ended and could not be sealed. */
  readonly failed: readonly NotSealed[]
}

/**
 * Archives every sealed chunk that is not in the archive yet: it is staged, uploaded, read back, its manifest is written last, and only
 * then a `log.archive` entry states it. With `dropAfter`, the content of chunks that are old enough is then removed from the log,
 * after the archived copy was read back once more. A failure leaves everything as it was; performed again, it goes on.
 *
 * @example
 * ```ts
 * await trail.perform(archive, { archive: { kind: 'directory', dir: '/var/archive' }, dropAfter: 30 * 86_400 })
 * ```
 */
export const archive: Act<ArchiveRequest, ArchiveRun> = defineAct({
  name: 'archive',
  check: readArchiveRequest,
  async perform(request, context, progress) {
    const { failed } = await sealEnded(context)
    const opened = await context.openArchive(request.archive)
    try {
      return { ...(await new Run(context, opened, request).perform(progress)), failed }
    } finally {
      await opened.close()
    }
  },
})

class Run {
  readonly #context: ActContext
  readonly #archive: Archive
  readonly #request: ArchiveRequest
  readonly #prefix: string

  constructor(context: ActContext, opened: Archive, request: ArchiveRequest) {
    this.#context = context
    this.#archive = opened
    this.#request = request
    this.#prefix = archivePrefix(request.prefix)
  }

  async perform(progress: Progress): Promise<Omit<ArchiveRun, 'failed'>> {
    const { store } = this.#context
    const where = this.#archive.describe()
    const receipts = await receiptsFor(store.search, where, this.#prefix)
    const policy = await policyInForce(action => ownEntries(store.search, action, 'desc'))
    const chunks = await this.#chunks()
    const archived: ArchivedNow[] = []
    const renewed: number[] = []
    const dropped: number[] = []
    const held: HeldBack[] = []
    for (const [nth, chunk] of chunks.entries()) {
      progress(nth, chunks.length)
      const receipt = receipts.get(chunk.lo)
      if (receipt === undefined && chunk.state === 'sealed')
        archived.push(await this.#archiveOne(chunk, policy))
      else if (receipt !== undefined && (await this.#renew(receipt, policy))) renewed.push(chunk.lo)
      if (chunk.state !== 'sealed' || !this.#isOld(chunk)) continue
      const keeps = await this.#heldIn(chunk)
      if (keeps > 0) {
        held.push({ chunk: chunk.lo, entries: keeps })
        continue
      }
      if (receipt !== undefined) await readBack(this.#archive, receipt)
      await this.#context.flush()
      await store.log.drop(chunk.lo)
      dropped.push(chunk.lo)
    }
    progress(chunks.length, chunks.length)
    return { archive: where, archived, dropped, held, renewed }
  }

  async #chunks(): Promise<readonly Chunk[]> {
    const { only } = this.#request
    const all = await this.#context.store.log.chunks()
    const chunks = only === undefined ? all : all.filter(({ lo }) => lo === only)
    if (only !== undefined && chunks.length === 0) {
      throw new AnnalsError('ANNALS_NOT_FOUND', `No chunk begins at position ${only}.`, {
        hint: 'A chunk is named by its first position.',
      })
    }
    return chunks
  }

  async #archiveOne({ lo, hi, period }: Chunk, policy: PolicyInForce): Promise<ArchivedNow> {
    const { store, now } = this.#context
    const seal = (await store.log.manifest(lo)) as SealManifest
    const staged = await store.log.stage(lo)
    try {
      const put = await archiveChunk(
        this.#archive,
        this.#prefix,
        seal,
        staged,
        firstLocks(seal, policy, now()),
      )
      const { path, manifest, objects, bytes } = put
      const stated = { lo, hi, period, archive: this.#archive.describe(), path, manifest, objects, bytes }
      await this.#context.record([ownDraft('log.archive', stated)])
      return { chunk: lo, period, entries: hi - lo, path, objects, bytes }
    } finally {
      await staged.discard()
    }
  }

  /** Lengthens locks that would end although what they lock is kept for ever. */
  async #renew(receipt: ArchiveReceipt, policy: PolicyInForce): Promise<boolean> {
    const now = this.#context.now()
    if (!mayBeDue(receipt.at, now)) return false
    const manifest = await manifestOf(this.#archive, receipt)
    let renewed = false
    for (const [object, until] of renewedLocks(manifest, policy, now)) {
      const name = `${receipt.path}/${object}`
      const found = await this.#archive.head(name)
      if (found === undefined || !isDue(found.retainUntil, now)) continue
      await this.#archive.retain(name, until)
      renewed = true
    }
    return renewed
  }

  #isOld({ lastTime }: Chunk): boolean {
    const { dropAfter } = this.#request
    return dropAfter !== undefined && this.#context.now() - lastTime > dropAfter * 1000
  }

  async #heldIn({ lo, hi }: Chunk): Promise<number> {
    const ranges = await heldIn(this.#context, await activeHolds(this.#context), lo, hi)
    return ranges.reduce((sum, [from, to]) => sum + to - from, 0)
  }
}
