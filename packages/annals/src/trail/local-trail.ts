import type { Catalog } from '../catalog/index.ts'
import type { Draft } from '../model/index.ts'
import type { Scope } from '../query/index.ts'
import type { Recorded } from '../record/recorded.ts'
import type { Trail, TrailReader } from './trail.ts'

/** Events of the log itself that its keepers record: who read it, and what was changed about access, policy and recording. */
export type KeeperAction = 'log.access' | 'log.token' | 'log.policy' | 'log.pause' | 'log.resume'

/** Every action that {@link LocalTrail.recordKeeping} takes. */
export const KEEPER_ACTIONS: readonly KeeperAction[] = [
  'log.access',
  'log.token',
  'log.policy',
  'log.pause',
  'log.resume',
]

/** A trail in the process that holds its log. */
export interface LocalTrail<C extends Catalog = Catalog> extends Trail<C> {
  /**
   * The trail as one with this scope may see it. It opens nothing of its own, so one a request is cheap; closing it ends its
   * readers, and it ends with the trail.
   *
   * @throws AnnalsError ANNALS_INVALID or ANNALS_QUERY for a scope that is not one
   * @example
   * ```ts
   * const me = { type: 'user', id: 'u1' }
   * const seen = trail.restrict({ filter: 'actor:me', level: 'owner', masks: [], me })
   * ```
   */
  restrict(scope: Scope): TrailReader
  /**
   * Records what the keeper of the log did with it, as an event of the log itself: nobody else can record under `log`.
   *
   * @throws TypeError for another action; AnnalsError as `record`
   */
  recordKeeping(action: KeeperAction, draft: Omit<Draft, 'action'>): Promise<Recorded>
}
