import { userInfo } from 'node:os'
import type { Backfill, Draft } from 'annals/model'
import type { Context } from '../context.ts'
import { UsageFailure } from '../failure/failure.ts'
import { placeOf } from '../remote/place.ts'
import { askWho } from '../remote/who.ts'
import type { InputDraft } from './read-drafts.ts'

/** Flags that mark events as entered later. */
export interface BackfillFlags {
  readonly backfill?: true
  readonly basis?: string
}

/**
 * The mark that the flags ask for: who enters it, which is whoever a server knows by the token, or else the account of this machine.
 *
 * @throws UsageFailure for one flag without the other
 */
export async function backfillOf(context: Context, flags: BackfillFlags): Promise<Backfill | undefined> {
  const { backfill, basis = '' } = flags
  if (backfill === undefined) {
    if (flags.basis === undefined) return undefined
    throw new UsageFailure('--basis needs --backfill', {
      hint: 'Add --backfill to enter what happened earlier.',
    })
  }
  if (basis.trim() === '') {
    throw new UsageFailure('--backfill needs --basis', {
      hint: "Say from what it is known, such as --basis 'ticket 12'.",
    })
  }
  const place = await placeOf(context)
  const by = place.kind === 'server' ? reference(await askWho(context, place)) : userInfo().username
  return { by, basis, enteredAt: context.now().toISOString() }
}

/** Marks the drafts. One that does not say when it happened is refused: the time of entering would be taken for it. */
export async function* backfilled(
  input: AsyncIterable<readonly InputDraft[]>,
  backfill: Backfill,
): AsyncGenerator<readonly InputDraft[], void, undefined> {
  for await (const batch of input)
    yield batch.map(one => ('draft' in one ? marked(one.line, one.draft, backfill) : one))
}

function marked(line: number, draft: Draft, backfill: Backfill): InputDraft {
  // What is no object is refused in the words of the model.
  if (typeof draft !== 'object' || draft === null || Array.isArray(draft)) return { line, draft }
  if (draft.occurredAt === undefined)
    return { line, reason: '/occurredAt: with --backfill a draft says when it happened' }
  if (draft.backfill !== undefined)
    return { line, reason: '/backfill: the draft has one already; leave it out, or --backfill' }
  return { line, draft: { ...draft, backfill } }
}

function reference({ actor }: { readonly actor: { readonly type: string; readonly id: string } }): string {
  return actor.id === '' ? actor.type : `${actor.type}/${actor.id}`
}
