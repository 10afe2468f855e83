import type { Range } from '../log/log-store.ts'
import { AnnalsError } from '../model/index.ts'
import type { ActContext } from './act.ts'
import type { Findings } from './erase-findings.ts'
import { type Hold, heldIn } from './holds.ts'
import { isWithin } from './ranges.ts'

/** What holds keep of what was found. */
export interface HeldFindings {
  /** Positions, as merged ranges. */
  readonly ranges: readonly Range[]
  /** Keys of content that only archives have, where nothing here tells which parts they belong to. */
  readonly keys: ReadonlySet<string>
}

/** What these holds keep of what was found. */
export async function heldOf(
  context: Pick<ActContext, 'store'>,
  holds: readonly Hold[],
  found: Findings,
): Promise<HeldFindings> {
  if (holds.length === 0) return { ranges: [], keys: new Set() }
  const [from, to] = span(found)
  return { ranges: await heldIn(context, holds, from, to), keys: await heldKeys(context, holds, found.keys) }
}

/** Names every hold that is in the way, and how much it keeps. */
export async function refusal(
  context: Pick<ActContext, 'store'>,
  holds: readonly Hold[],
  found: Findings,
): Promise<AnnalsError> {
  const lines: string[] = []
  for (const hold of holds) {
    const { ranges, keys } = await heldOf(context, [hold], found)
    const parts = found.parts.filter(part => isWithin(ranges, part.index)).length
    if (parts > 0) lines.push(`${JSON.stringify(hold.name)} (${parts} ${parts === 1 ? 'part' : 'parts'})`)
    else if (keys.size > 0) lines.push(`${JSON.stringify(hold.name)} (archived content)`)
  }
  return new AnnalsError('ANNALS_HELD', `Nothing was erased, because of holds: ${lines.join(', ')}.`, {
    hint: 'Release them first, or erase all but what is held: exceptHeld, or --except-held.',
  })
}

/** A person who is held keeps their keys, and a held chunk that only archives have keeps everybody's. */
async function heldKeys(
  { store }: Pick<ActContext, 'store'>,
  holds: readonly Hold[],
  keys: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  const tags = new Set<string>()
  let all = false
  const chunks = holds.some(({ scope }) => 'chunk' in scope) ? await store.log.chunks() : []
  for (const { scope } of holds) {
    if ('subject' in scope) tags.add(scope.subject)
    if ('chunk' in scope) all ||= chunks.some(({ lo, state }) => lo === scope.chunk && state === 'dropped')
  }
  if (all) return keys
  if (tags.size === 0) return held
  for (const [id, { tag }] of await store.keys.subjectsById([...keys]))
    if (tags.has(Buffer.from(tag, 'latin1').toString('hex'))) held.add(id)
  return held
}

function span({ parts }: Findings): Range {
  let [from, to] = [Number.MAX_SAFE_INTEGER, 0]
  for (const { index } of parts) {
    from = Math.min(from, index)
    to = Math.max(to, index + 1)
  }
  return [from, to]
}
