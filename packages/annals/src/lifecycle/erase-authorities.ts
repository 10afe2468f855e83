import { createHash } from 'node:crypto'
import type { PartPlace } from '../log/log-store.ts'
import { AnnalsError, type Draft } from '../model/index.ts'
import type { ActContext } from './act.ts'
import { takeActor } from './act-request.ts'
import type { ErasePlan } from './erase-plan.ts'
import type { EraseRequest } from './erase-request.ts'
import { ownDraft } from './own-entries.ts'

/** Bytes of lists that one entry takes at most, well below the largest event. */
const BATCH_BYTES = 128 * 1024
/** A key id in hex with quotes and comma. */
const KEY_BYTES = 35

/** What one entry orders. */
interface Order {
  readonly parts: readonly PartPlace[]
  readonly keys: readonly string[]
}

/**
 * The entries that order a plan. Keys come after all parts: a crash may leave only the first entries, and a key that is
 * destroyed takes every part it was used for.
 */
export function divideOrders({ places, keys }: Pick<ErasePlan, 'places' | 'keys'>): readonly Order[] {
  const orders: { parts: PartPlace[]; keys: string[] }[] = []
  let left = 0
  const room = (bytes: number): { parts: PartPlace[]; keys: string[] } => {
    if (left < bytes || orders.length === 0) {
      orders.push({ parts: [], keys: [] })
      left = BATCH_BYTES
    }
    left -= bytes
    return orders.at(-1) as { parts: PartPlace[]; keys: string[] }
  }
  for (const place of places) room(String(place[0]).length + place[1].length + 6).parts.push(place)
  for (const key of keys) room(KEY_BYTES).keys.push(Buffer.from(key, 'latin1').toString('hex'))
  return orders
}

/** Records what authorises a plan, one entry after the other; resolves with their positions when a checkpoint covers them. */
export async function recordOrders(
  context: ActContext,
  request: EraseRequest,
  orders: readonly Order[],
): Promise<readonly number[]> {
  const positions: number[] = []
  for (const order of orders) positions.push(...(await recordOrder(context, request, order)))
  return positions
}

/** An entry that is too large for lowered limits is divided. */
async function recordOrder(
  context: ActContext,
  request: EraseRequest,
  order: Order,
): Promise<readonly number[]> {
  try {
    const recorded = await context.record([draftOf(context, request, order)])
    return recorded.map(({ index }) => index)
  } catch (error) {
    const [parts, keys] = [order.parts.length, order.keys.length]
    if (!(error instanceof AnnalsError && error.code === 'ANNALS_LIMIT') || parts + keys < 2) throw error
    const half =
      parts > 1 || keys === 0
        ? [
            { parts: order.parts.slice(0, parts / 2), keys: [] },
            { ...order, parts: order.parts.slice(parts / 2) },
          ]
        : [
            { ...order, keys: order.keys.slice(0, keys / 2) },
            { parts: [], keys: order.keys.slice(keys / 2) },
          ]
    return await recordOrders(context, request, half)
  }
}

function draftOf(
  { request: asked, catalog }: ActContext,
  request: EraseRequest,
  { parts, keys }: Order,
): Draft {
  const { basis, persons, actor } = request
  const approvals = request.approvals?.map(one =>
    typeof one === 'string' ? { type: catalog.personTypes[0] ?? 'user', id: one } : one,
  )
  const data = {
    parts,
    basis,
    ...(request.request === undefined ? {} : { request: request.request }),
    ...(approvals === undefined ? {} : { approvals }),
    ...(persons === undefined || keys.length === 0 ? {} : { keys }),
  }
  // The name says what is ordered: asked again after a crash, the same order records nothing, and what is left of it does.
  const digest = createHash('sha256').update(JSON.stringify(data)).digest('hex')
  return {
    ...ownDraft(persons === undefined ? 'log.redaction' : 'log.erasure', data),
    id: `${asked}#${digest.slice(0, 32)}`,
    actor: takeActor({ actor }),
  }
}
