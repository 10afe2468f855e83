import { isObject } from '../log/parts.ts'
import type { LogKeyRotation } from '../log/signer.ts'
import { type Actor, AnnalsError } from '../model/index.ts'
import { type Act, type ActContext, defineAct } from './act.ts'
import { invalidRequest, optionalFlag, requestMembers, takeActor } from './act-request.ts'
import { ownDraft, ownEntries } from './own-entries.ts'

/** How long the key before signs beside the new one, unless another time is asked for: 30 days, in seconds. */
export const OVERLAP_SECONDS: number = 30 * 24 * 60 * 60
/** Longest overlap: a year, in seconds. */
const LONGEST_SECONDS = 366 * 24 * 60 * 60

/** Asks for a new key of the log. */
export interface RotateLogKeyRequest {
  /** How long the present key goes on to sign beside the new one, in seconds. @defaultValue 30 days */
  readonly overlap?: number
  /** Who asked. @defaultValue the log itself */
  readonly actor?: Actor
}

/** A change of the key. */
export interface RotatedLogKey {
  /** Verifier key of the new key, for whoever verifies. */
  readonly vkey: string
  readonly replaces: string
  /** When the old key ends to sign, as ISO time. */
  readonly until: string
}

/**
 * Changes the key that signs the log. A `log.key` entry names the new key, and a checkpoint by the old key alone covers it;
 * then both sign, until the overlap is over and the old one is destroyed. Done again after a crash it goes on where it was.
 *
 * @example
 * ```ts
 * const { vkey } = await trail.perform(rotateLogKey, { overlap: 7 * 86_400 })
 * ```
 */
export const rotateLogKey: Act<RotateLogKeyRequest, RotatedLogKey> = defineAct({
  name: 'rotate-log-key',
  takesActor: true,
  check(request): RotateLogKeyRequest {
    const members = requestMembers(request, ['overlap', 'actor'])
    const { overlap = OVERLAP_SECONDS } = members
    if (!Number.isSafeInteger(overlap) || (overlap as number) < 0 || (overlap as number) > LONGEST_SECONDS)
      throw invalidRequest('/overlap', 'must be a whole number of seconds, at most those of 366 days')
    return { overlap: overlap as number, actor: takeActor(members) }
  },
  async perform({ overlap = OVERLAP_SECONDS, actor }, context): Promise<RotatedLogKey> {
    const { signer } = context.store
    const rotation = rotationOf(context)
    const known = await announced(context)
    // The same request again, after a crash: its key signs already.
    const before = known.find(
      ({ request, vkey }) => request === context.request && signer.vkeys.includes(vkey),
    )
    if (before !== undefined) return await rotated(context, rotation, before)
    const vkey = await rotation.prepare()
    const replaces = signer.vkey
    if (!known.some(one => one.vkey === vkey)) {
      await context.flush()
      // No tree that was signed before can carry a signature of the new key.
      const from = ((await signer.head())?.size ?? 0) + 1
      await context.record([
        {
          ...ownDraft('log.key', { vkey, replaces, from }),
          actor: takeActor({ actor }),
          source: { system: 'annals', id: context.request },
        },
      ])
    }
    await rotation.begin(context.now() + overlap * 1_000)
    await rotation.retire(context.now())
    return await rotated(context, rotation, { vkey, replaces })
  },
})

/** What came of a change, once a checkpoint carries the signature of the new key. */
async function rotated(
  context: ActContext,
  rotation: LogKeyRotation,
  { vkey, replaces }: Announcement,
): Promise<RotatedLogKey> {
  await context.flush()
  const until = rotation.keys().find(key => key.vkey === replaces)?.until ?? context.now()
  return { vkey, replaces, until: new Date(until).toISOString() }
}

/** What the act `retire-log-key` is asked for. */
export interface RetireLogKeyRequest {
  /** Also keys whose overlap is not over, as when one was stolen. */
  readonly force?: boolean
}

/** What the act `retire-log-key` answers. */
export interface RetiredLogKeys {
  /** Verifier keys of the private keys that were destroyed. */
  readonly retired: readonly string[]
}

/** Destroys private keys of the log that a newer one has replaced. Opening a log does so, too, when their time is over. */
export const retireLogKey: Act<RetireLogKeyRequest, RetiredLogKeys> = defineAct({
  name: 'retire-log-key',
  check(request): RetireLogKeyRequest {
    return { force: optionalFlag(requestMembers(request, ['force']), 'force') }
  },
  async perform({ force }, context): Promise<RetiredLogKeys> {
    const rotation = rotationOf(context)
    const retired = await rotation.retire(force === true ? Number.POSITIVE_INFINITY : context.now())
    await context.flush()
    return { retired }
  },
})

function rotationOf({ store }: ActContext): LogKeyRotation {
  if (store.signer.rotation !== undefined) return store.signer.rotation
  throw new AnnalsError('ANNALS_UNSUPPORTED', 'The signer of this log cannot change its key.', {
    hint: 'Change the key where the signer keeps it.',
  })
}

/** A change of the key as an entry of the log states it. */
interface Announcement {
  readonly vkey: string
  readonly replaces: string
  /** Name of the request that asked for it. */
  readonly request?: string | undefined
}

async function announced({ store }: ActContext): Promise<readonly Announcement[]> {
  const known: Announcement[] = []
  for await (const { data, source } of ownEntries(store.search, 'log.key')) {
    if (!isObject(data)) continue
    const { vkey, replaces } = data
    if (typeof vkey === 'string' && typeof replaces === 'string')
      known.push({ vkey, replaces, request: source?.id })
  }
  return known
}
