import { AnnalsError } from '../model/index.ts'
import { type Act, type ActContext, defineAct } from './act.ts'
import { requestMembers } from './act-request.ts'

/** What the act `rotate-kek` answers. */
export interface RotatedKek {
  /** Id of the new key-encryption key, 16 hex digits. */
  readonly id: string
}

/**
 * Wraps seeds, pepper and subject keys with a new key-encryption key, and destroys the old one.
 *
 * @throws AnnalsError ANNALS_UNSUPPORTED when the key store has none; ANNALS_KEYS when the environment has it
 * @example
 * ```ts
 * await trail.perform(rotateKek, {})
 * ```
 */
export const rotateKek: Act<Record<string, never>, RotatedKek> = defineAct({
  name: 'rotate-kek',
  check(request): Record<string, never> {
    requestMembers(request, [])
    return {}
  },
  async perform(_, { store }: ActContext, progress): Promise<RotatedKek> {
    const { kek } = store.keys
    if (kek === undefined) {
      throw new AnnalsError('ANNALS_UNSUPPORTED', 'The key store of this log has no key-encryption key.', {
        hint: 'Change the key where the key store keeps it.',
      })
    }
    return { id: await kek.rotate(progress) }
  },
})
