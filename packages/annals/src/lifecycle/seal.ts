import { canonicalize } from '@annals/tlog'
import { sha256Base64Url } from '../log/digest.ts'
import type { Chunk, LogStore, SealManifest } from '../log/log-store.ts'
import { isObject } from '../log/parts.ts'
import { AnnalsError } from '../model/index.ts'
import { type Act, type ActContext, defineAct, type Progress } from './act.ts'
import { invalidRequest, requestMembers } from './act-request.ts'
import { namedDraft, ownEntries } from './own-entries.ts'

/** What the act `seal` is asked for. */
export interface SealRequest {
  /** Most chunks to seal; the rest stays for another time. @defaultValue no bound */
  readonly limit?: number
}

/** A chunk that was sealed, or whose sealing is now stated in the log. */
export interface SealedNow {
  readonly chunk: number
  readonly period: string
  readonly entries: number
}

/** A chunk that has ended and cannot be sealed. */
export interface NotSealed {
  readonly chunk: number
  readonly period: string
  /** A sentence. */
  readonly why: string
}

/** What the act `seal` answers. */
export interface Sealed {
  readonly sealed: readonly SealedNow[]
  readonly failed: readonly NotSealed[]
  /** Whether chunks are left that the limit spared. */
  readonly more: boolean
}

/**
 * Seals every chunk that has ended: makes it compact and states its manifest in a `log.seal` entry. Performed again after a crash it
 * goes on where it was: a chunk that was sealed and not yet stated is stated.
 *
 * @example
 * ```ts
 * await trail.perform(seal, {})
 * ```
 */
export const seal: Act<SealRequest, Sealed> = defineAct({
  name: 'seal',
  check(request): SealRequest {
    const { limit } = requestMembers(request, ['limit'])
    if (limit === undefined) return {}
    if (!Number.isSafeInteger(limit) || (limit as number) < 1)
      throw invalidRequest('/limit', 'must be a whole number from 1')
    return { limit: limit as number }
  },
  perform: (request, context, progress) => sealEnded(context, progress, request.limit),
})

/**
 * Seals the chunks that have ended, oldest first, each stated before the next is begun. Of an idle log the last statement ends the open
 * chunk, which is then sealed too.
 */
export async function sealEnded(
  context: ActContext,
  progress: Progress = () => {},
  limit: number = Number.POSITIVE_INFINITY,
): Promise<Sealed> {
  const { log } = context.store
  const stated = await statedSeals(context)
  const sealed: SealedNow[] = []
  const failed = new Map<number, NotSealed>()
  const ended = async (): Promise<readonly Chunk[]> =>
    (await log.chunks()).filter(({ lo, state }) => state !== 'open' && !stated.has(lo) && !failed.has(lo))
  for (let queue = await ended(); queue.length > 0; queue = await ended()) {
    for (const chunk of queue) {
      const { lo, hi, period } = chunk
      if (sealed.length >= limit) return { sealed, failed: [...failed.values()], more: true }
      const manifest = await sealOne(log, chunk)
      if (typeof manifest === 'string') {
        failed.set(lo, { chunk: lo, period, why: manifest })
        continue
      }
      const statement = { lo, hi, period, manifest: manifestDigest(manifest) }
      await context.record([namedDraft(context.request, 'log.seal', statement)])
      stated.add(lo)
      sealed.push({ chunk: lo, period, entries: hi - lo })
      progress(sealed.length, Math.max(sealed.length, queue.length))
    }
  }
  return { sealed, failed: [...failed.values()], more: false }
}

/** The manifest of a chunk that has ended, sealed now if it was not; or why there is none. The chunks behind it need not wait. */
async function sealOne(log: LogStore, chunk: Chunk): Promise<SealManifest | string> {
  if (chunk.state !== 'closed')
    return (await log.manifest(chunk.lo)) ?? 'Its seal.json is missing; restore it from a copy.'
  const why = await sealObstacle(log, chunk)
  if (why !== undefined) return why
  try {
    return await log.seal(chunk.lo)
  } catch (error) {
    if (error instanceof AnnalsError) return error.message
    throw error
  }
}

/** Why a chunk that has ended cannot be sealed; undefined when it can. */
export async function sealObstacle(log: LogStore, { lo, hi }: Chunk): Promise<string | undefined> {
  for (const size of lo === 0 ? [hi] : [lo, hi]) {
    if ((await log.kept(size)) === undefined)
      return `The signed checkpoint over ${size} entries, where a chunk ends, was not kept; restore it from a copy.`
  }
  return undefined
}

/** What `log.seal` and `log.archive` name a chunk's manifest by: SHA-256 (base64url) of its canonical JSON. */
export function manifestDigest(manifest: SealManifest): string {
  return sha256Base64Url(Buffer.from(canonicalize(manifest)))
}

async function statedSeals({ store }: ActContext): Promise<Set<number>> {
  const stated = new Set<number>()
  for await (const { data } of ownEntries(store.search, 'log.seal'))
    if (isObject(data) && typeof data['lo'] === 'number') stated.add(data['lo'])
  return stated
}
