import { isLogAction, isWithin, VISIBILITIES, type Visibility } from '../model/index.ts'

/** No tenant. */
export const NO_TENANT = -1
/** Any of the tenants that have no groups of their own. */
export const OTHER_TENANTS = -2

/** What operations are counted under together. */
export interface Group {
  /** Empty: any of the actions that have no groups of their own. */
  readonly action: string
  /** Keyed hash of the tenant, {@link NO_TENANT} or {@link OTHER_TENANTS}. */
  readonly tenant: number
  readonly visibility: Visibility
}

/** Which groups a question is about. */
export interface GroupFilter {
  /** Dotted path of actions; empty: all but the log's own. */
  readonly topic: string
  /** Keyed hash. */
  readonly tenant: number | undefined
  /** The most privileged visibility counted. */
  readonly visibility: Visibility
}

/** Group by group: 1 counts, 2 may hold some that would count, 0 does not. */
export type GroupMatch = Uint8Array

/** Most groups. */
export interface GroupLimits {
  /** Groups of an action, a tenant and a visibility; further ones are counted under all other tenants of their action. */
  readonly named: number
  /** Groups of an action and all other tenants; further ones are counted under all other actions. */
  readonly others: number
}

/** The limits that hold unless tests choose smaller ones. */
export const GROUP_LIMITS: GroupLimits = { named: 2_048, others: 512 }

/**
 * The groups of a log, numbered as they come. Their number is bounded, whatever producers make up: what would go beyond is counted
 * under others, and never lost.
 */
export class Groups {
  readonly #limits: GroupLimits
  readonly #list: Group[] = []
  readonly #numbers = new Map<string, Map<number, (number | undefined)[]>>()
  #named = 0
  #others = 0

  constructor(limits: GroupLimits, known: readonly Group[] = []) {
    this.#limits = limits
    for (const { action, tenant, visibility } of known) this.#number(action, tenant, rankOf(visibility))
  }

  get all(): readonly Group[] {
    return this.#list
  }

  /** The group of an operation. */
  of(action: string, tenant: number, visibility: Visibility): number {
    const rank = rankOf(visibility)
    const known = this.#numbers.get(action)?.get(tenant)?.[rank]
    return known ?? this.#new(action, tenant, rank)
  }

  match({ topic, tenant, visibility }: GroupFilter): GroupMatch {
    const most = rankOf(visibility)
    return Uint8Array.from(this.#list, group => {
      if (rankOf(group.visibility) > most) return 0
      const action = matchAction(group.action, topic)
      if (action === 0 || tenant === undefined || group.tenant === tenant) return action
      return group.tenant === OTHER_TENANTS ? 2 : 0
    })
  }

  #new(action: string, tenant: number, rank: number): number {
    // The log's own actions are few, and nobody can make up others.
    if (isLogAction(action) || this.#named < this.#limits.named) return this.#number(action, tenant, rank)
    const known = this.#numbers.get(action)?.get(OTHER_TENANTS)?.[rank]
    if (known !== undefined) return known
    if (this.#others < this.#limits.others) return this.#number(action, OTHER_TENANTS, rank)
    return this.#numbers.get('')?.get(OTHER_TENANTS)?.[rank] ?? this.#number('', OTHER_TENANTS, rank)
  }

  #number(action: string, tenant: number, rank: number): number {
    let tenants = this.#numbers.get(action)
    if (tenants === undefined) {
      tenants = new Map()
      this.#numbers.set(action, tenants)
    }
    const ranks = tenants.get(tenant) ?? []
    tenants.set(tenant, ranks)
    const number = this.#list.length
    ranks[rank] = number
    this.#list.push({ action, tenant, visibility: VISIBILITIES[rank] as Visibility })
    if (tenant === OTHER_TENANTS) this.#others++
    else if (!isLogAction(action)) this.#named++
    return number
  }
}

function matchAction(action: string, topic: string): 0 | 1 | 2 {
  if (topic === '') return isLogAction(action) ? 0 : 1
  if (action !== '') return isWithin(action, topic) ? 1 : 0
  return isLogAction(topic) ? 0 : 2
}

function rankOf(visibility: Visibility): number {
  return VISIBILITIES.indexOf(visibility)
}
