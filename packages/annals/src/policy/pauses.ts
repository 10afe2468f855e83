import { type AuditEvent, isPlain } from '../model/index.ts'
import { compileSegments, type SegmentTest } from './segments.ts'

/** Whose events a pause is about: those of a tenant, of a project, or of a project of a tenant. */
export interface PauseScope {
  readonly tenant?: string
  readonly project?: string
}

/** Events that are not recorded, or thinned, until it ends. */
export interface Pause {
  readonly scope: PauseScope
  readonly reason: string
  /** Of each action one event in so many is recorded; absent, none is. */
  readonly oneIn?: number
  /** Actions, by whole segments as in rules, that are recorded all the same. */
  readonly except: readonly string[]
  /** Position of its `log.pause`. */
  readonly index: number
  /** When it began, ISO 8601 UTC. */
  readonly since: string
}

/** The query for everything that {@link Pauses} needs, to be taken in order of position. */
export const PAUSE_QUERY = 'action:log.pause,log.resume'

/** Whether it is the action of an event that {@link Pauses} needs. */
export function isPauseAction(action: string): boolean {
  return action === 'log.pause' || action === 'log.resume'
}

interface InForce {
  readonly pause: Pause
  readonly isExcepted: SegmentTest
}

/** The pauses in force, made of the `log.pause` and `log.resume` events of a log. */
export class Pauses {
  readonly #inForce = new Map<string, InForce>()

  /** Takes the next of them; any other event, and one that names nobody, says nothing here. */
  take({ action, data, index, recordedAt }: AuditEvent): void {
    if (!isPlain(data)) return
    const scope = scopeIn(data['scope'])
    if (scope === undefined) return
    const key = keyOf(scope.tenant, scope.project)
    if (action === 'log.resume') this.#inForce.delete(key)
    if (action !== 'log.pause') return
    const { oneIn, reason } = data
    const except = Array.isArray(data['except']) ? data['except'].filter(one => typeof one === 'string') : []
    const tests = except.map(pattern => compileSegments(pattern, '.'))
    // Last, so that the list is in order of position.
    this.#inForce.delete(key)
    this.#inForce.set(key, {
      pause: {
        scope,
        reason: typeof reason === 'string' ? reason : '',
        ...(typeof oneIn === 'number' ? { oneIn } : {}),
        except,
        index,
        since: recordedAt,
      },
      isExcepted: path => tests.some(test => test(path)),
    })
  }

  /** Those in force, in order of position. */
  get all(): readonly Pause[] {
    return [...this.#inForce.values()].map(({ pause }) => pause)
  }

  get isEmpty(): boolean {
    return this.#inForce.size === 0
  }

  /** The pause of exactly this scope. */
  at({ tenant, project }: PauseScope): Pause | undefined {
    return this.#inForce.get(keyOf(tenant, project))?.pause
  }

  /** The pause that an event is under: the narrowest of its tenant and project, unless that excepts its action. */
  over({ action, tenant, project }: Pick<AuditEvent, 'action' | 'tenant' | 'project'>): Pause | undefined {
    const found =
      (project === undefined
        ? undefined
        : (this.#inForce.get(keyOf(tenant, project)) ?? this.#inForce.get(keyOf(undefined, project)))) ??
      (tenant === undefined ? undefined : this.#inForce.get(keyOf(tenant, undefined)))
    return found === undefined || found.isExcepted(action) ? undefined : found.pause
  }
}

function keyOf(tenant: string | undefined, project: string | undefined): string {
  return JSON.stringify([tenant ?? null, project ?? null])
}

function scopeIn(value: unknown): PauseScope | undefined {
  if (!isPlain(value)) return undefined
  const { tenant, project } = value
  const scope = {
    ...(typeof tenant === 'string' ? { tenant } : {}),
    ...(typeof project === 'string' ? { project } : {}),
  }
  return Object.keys(scope).length === 0 ? undefined : scope
}
