import type { LocalTrail } from 'annals'
import { ACTS, type Act, actNamed, type Progress } from 'annals/lifecycle'
import { AnnalsError } from 'annals/model'
import type { Logger } from 'pino'
import type { Principal } from '../access/principal.ts'
import { archiveRequestOf } from '../settings/archive-setting.ts'
import type { Settings } from '../settings/settings.ts'

/** Most acts that wait or run at a time: they run one after the other. */
const MOST = 32

/** A request as it came: members of the act. */
export type ActBody = Readonly<Record<string, unknown>>

/** Lets principals perform acts on the log. Whoever goes away does not stop one: what is done to a log is done to its end. */
export class Acts {
  readonly #trail: Pick<LocalTrail, 'perform'>
  readonly #settings: Settings
  readonly #log: Logger
  #waiting = 0

  constructor(trail: Pick<LocalTrail, 'perform'>, settings: Settings, log: Logger) {
    this.#trail = trail
    this.#settings = settings
    this.#log = log
  }

  /** Names of all acts. */
  get names(): readonly string[] {
    return ACTS.map(act => act.name)
  }

  /**
   * Begins an act in the name of a principal.
   *
   * @throws AnnalsError ANNALS_NOT_FOUND for no such act, ANNALS_INVALID for a request that is not one of it, ANNALS_DENIED for one
   *   in another's name, ANNALS_OVERLOADED when too many wait
   */
  begin(name: string, body: ActBody, principal: Principal, onProgress: Progress): Promise<unknown> {
    const act = actNamed(name)
    if (act === undefined) {
      throw new AnnalsError('ANNALS_NOT_FOUND', 'There is no act of this name.', {
        hint: `Known: ${this.names.join(', ')}.`,
      })
    }
    const request = this.#completed(act, withActor(act, body, principal))
    act.check(request)
    if (this.#waiting >= MOST) {
      throw new AnnalsError('ANNALS_OVERLOADED', 'Too many acts are waiting.', {
        hint: 'Wait until some have ended.',
      })
    }
    this.#waiting++
    const { actor } = principal
    const running = this.#trail.perform(act, request, { onProgress, actor }).finally(() => this.#waiting--)
    // Whoever asked may have gone.
    running.then(
      () => this.#log.info({ act: name, credential: principal.credential }, 'an act was performed'),
      (error: unknown) =>
        this.#log.warn({ act: name, credential: principal.credential, err: error }, 'an act failed'),
    )
    return running
  }

  /** What a request over the network may not choose freely, because the server would go there with its own rights. */
  #completed(act: Act, body: ActBody): ActBody {
    if (act.name === 'archive') return this.#archiveRequest(body)
    if (act.name === 'timestamp' && !this.#settings.timestamps.includes(String(body['url']))) {
      throw new AnnalsError('ANNALS_DENIED', 'This authority is not in the settings of the server.', {
        path: '/url',
        hint: 'The setting "timestamps" lists those that may be asked.',
      })
    }
    return body
  }

  #archiveRequest(body: ActBody): ActBody {
    const setting = this.#settings.archive
    if (setting === undefined) {
      throw new AnnalsError('ANNALS_UNSUPPORTED', 'This server has no archive.', {
        hint: 'The setting "archive" names one.',
      })
    }
    for (const name of ['archive', 'prefix'])
      if (body[name] !== undefined) {
        throw new AnnalsError('ANNALS_DENIED', 'The archive is the one of the settings.', {
          path: `/${name}`,
          hint: 'Leave it out.',
        })
      }
    return { ...archiveRequestOf(setting), ...body }
  }
}

/** The request in the name of whoever asks; another name is refused. */
function withActor(act: Act, body: ActBody, { actor: { type, id } }: Principal): ActBody {
  const given = body['actor'] as { type?: unknown; id?: unknown } | undefined | null
  if (act.takesActor !== true) return body
  if (given !== undefined && (given?.type !== type || given?.id !== id)) {
    throw new AnnalsError('ANNALS_DENIED', 'Acts are recorded in the name of whoever asks.', {
      path: '/actor',
      hint: 'Leave the actor out.',
    })
  }
  return { ...body, actor: { type, id } }
}
