import type { Chunk, ChunkState } from '../log/log-store.ts'
import { isoTime } from '../log/read-event.ts'
import { type Act, type ActContext, defineAct } from './act.ts'
import { requestMembers } from './act-request.ts'
import { leftIn } from './chunk-classes.ts'
import { ruleFor } from './retention-policy.ts'
import { retentionInForce } from './retention-policy-act.ts'
import { dueAt } from './retention-rule.ts'

/** A chunk as the act `chunks` lists it. */
export interface ListedChunk {
  /** First position; names the chunk. */
  readonly chunk: number
  /** Position after its last entry. */
  readonly end: number
  readonly period: string
  readonly state: ChunkState
  readonly bytes: number
  /** When its first and last entry were recorded, ISO 8601 UTC. */
  readonly first: string
  readonly last: string
  /** Entries of each class that are still whole. */
  readonly classes: Readonly<Record<string, number>>
  /** What expires next of it by the rule of its class, tenants' own rules left aside; overdue when it lies behind. */
  readonly expires?: { readonly class: string; readonly at: string }
}

/**
 * Lists every chunk of a log, by position.
 *
 * @example
 * ```ts
 * const chunks = await trail.perform(listChunks, {})
 * ```
 */
export const listChunks: Act<Readonly<Record<string, never>>, readonly ListedChunk[]> = defineAct({
  name: 'chunks',
  check(request): Readonly<Record<string, never>> {
    requestMembers(request, [])
    return {}
  },
  async perform(_request, context: ActContext): Promise<readonly ListedChunk[]> {
    const policy = await retentionInForce(context)
    const chunks = await context.store.log.chunks()
    const left = await leftIn(context, chunks)
    return chunks.map(chunk => {
      const classes = [...(left.get(chunk.lo) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
      const expiring =
        chunk.state === 'open'
          ? []
          : classes
              .map(([name]) => ({ name, due: dueAt(ruleFor(policy, name), chunk.lastTime) }))
              .filter(({ due }) => due !== Number.POSITIVE_INFINITY)
      const soonest = expiring.sort((a, b) => a.due - b.due)[0]
      return {
        ...described(chunk),
        classes: Object.fromEntries(classes),
        ...(soonest === undefined ? {} : { expires: { class: soonest.name, at: isoTime(soonest.due) } }),
      }
    })
  },
})

function described({
  lo,
  hi,
  period,
  state,
  bytes,
  firstTime,
  lastTime,
}: Chunk): Omit<ListedChunk, 'classes'> {
  const [first, last] = [isoTime(firstTime), isoTime(lastTime)]
  return { chunk: lo, end: hi, period, state, bytes, first, last }
}
