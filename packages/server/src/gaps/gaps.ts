import type { AuditEvent, LocalTrail } from 'annals'
import { type PolicyInForce, policyInForce } from 'annals/lifecycle'
import type { Logger } from 'pino'
import type { Principal } from '../access/principal.ts'
import { isUnfiltered } from '../access/whole-scope.ts'
import type { Answered } from './answered.ts'
import { type Gap, gapOf, pauseOf, periodRange } from './gap.ts'

/** A gap as one principal may be told of it. */
export interface ToldGap {
  readonly kind: Gap['kind']
  /** ISO 8601 UTC. */
  readonly from: string
  readonly to?: string
  readonly index?: number
}

/** Gaps that are remembered: the newest. */
const MOST = 10_000
/** Gaps that one answer tells of: the newest. */
const MOST_TOLD = 100
/** Periods of chunks that are remembered. */
const MOST_PERIODS = 100_000
const PAGE = 1_000
const QUERY = 'action:log.gap,log.pause,log.resume,log.seal,log.retention,log.policy,log.catalog'

/** Follows the log for what it says of itself, so that every answer can tell where events may be missing. Ends with the trail. */
export class Gaps {
  readonly #trail: Pick<LocalTrail, 'events' | 'find'>
  #gaps: Gap[] = []
  /** Period of each sealed chunk, by its first position. */
  readonly #periods = new Map<number, string>()
  #policy: Promise<PolicyInForce> | undefined

  private constructor(trail: Pick<LocalTrail, 'events' | 'find'>) {
    this.#trail = trail
  }

  /** Reads what the log has said so far, and goes on with it. */
  static async open(trail: Pick<LocalTrail, 'events' | 'find'>, log: Logger): Promise<Gaps> {
    const gaps = new Gaps(trail)
    let size = 0
    for (let cursor: string | undefined; ; ) {
      const page = await trail.find(QUERY, { order: 'asc', limit: PAGE, cursor })
      for (const event of page.events) gaps.#take(event)
      size = page.asOf
      cursor = page.next
      if (cursor === undefined) break
    }
    gaps.#follow(size).catch((error: unknown) => log.error({ err: error }, 'gaps are no longer followed'))
    return gaps
  }

  /**
   * The gaps that an answer has to tell of, oldest first, at most 100. Who sees a part of the log is told kind and time, and
   * nothing of what is about another tenant alone.
   */
  told(principal: Principal, { range, page, asOf }: Answered): readonly ToldGap[] {
    const whole = isUnfiltered(principal.scope)
    const isOnPage = (gap: Gap): boolean =>
      page === undefined ||
      overlaps(gap, page.times) ||
      (gap.index >= page.positions[0] && gap.index < page.positions[1])
    const told = this.#gaps.filter(
      gap =>
        gap.index < asOf &&
        overlaps(gap, range) &&
        isOnPage(gap) &&
        (whole || gap.tenant === undefined || gap.tenant === principal.tenant),
    )
    return merged(told)
      .slice(-MOST_TOLD)
      .map(gap => ({
        kind: gap.kind,
        from: new Date(gap.from).toISOString(),
        ...(Number.isFinite(gap.to) ? { to: new Date(gap.to).toISOString() } : {}),
        ...(whole ? { index: gap.index } : {}),
      }))
  }

  /** The rules of retention that hold now. */
  policy(): Promise<PolicyInForce> {
    this.#policy ??= policyInForce(action => this.#trail.events(`action:${action}`, { order: 'desc' })).catch(
      (error: unknown) => {
        this.#policy = undefined
        throw error
      },
    )
    return this.#policy
  }

  async #follow(from: number): Promise<void> {
    for await (const event of this.#trail.events(QUERY, { seek: from, follow: true })) this.#take(event)
  }

  #take(event: AuditEvent): void {
    const { action, data } = event
    if (action === 'log.gap') this.#add(gapOf(event))
    else if (action === 'log.pause') this.#add(pauseOf(event))
    else if (action === 'log.resume') this.#resume(event)
    else if (action === 'log.seal') this.#seal(data)
    else if (action === 'log.retention') this.#remove(event)
    else this.#policy = undefined
  }

  /** Ends what was paused: of exactly the tenant and project that are named, or all. */
  #resume({ tenant, project, recordedAt }: AuditEvent): void {
    const isAll = tenant === undefined && project === undefined
    const to = Date.parse(recordedAt)
    this.#gaps = this.#gaps.map(gap =>
      gap.to === Number.POSITIVE_INFINITY && (isAll || (gap.tenant === tenant && gap.project === project))
        ? { ...gap, to }
        : gap,
    )
  }

  #seal(data: unknown): void {
    const { lo, period } = (data ?? {}) as { readonly lo?: unknown; readonly period?: unknown }
    if (typeof lo !== 'number' || typeof period !== 'string') return
    this.#periods.set(lo, period)
    if (this.#periods.size <= MOST_PERIODS) return
    const [oldest] = this.#periods.keys()
    if (oldest !== undefined) this.#periods.delete(oldest)
  }

  #remove({ index, data }: AuditEvent): void {
    const { chunk, tenant } = (data ?? {}) as { readonly chunk?: unknown; readonly tenant?: unknown }
    const range = periodRange(this.#periods.get(chunk as number) ?? '')
    if (range === undefined) return
    const [from, to] = range
    this.#add({ kind: 'retention', from, to, index, ...(typeof tenant === 'string' ? { tenant } : {}) })
  }

  #add(gap: Gap): void {
    this.#gaps.push(gap)
    if (this.#gaps.length > 2 * MOST) this.#gaps = this.#gaps.slice(-MOST)
  }
}

function overlaps(gap: Gap, [from, to]: readonly [number, number]): boolean {
  return gap.from < to && gap.to > from
}

/** By time, and what retention took from periods next to each other as one. */
function merged(gaps: readonly Gap[]): readonly Gap[] {
  const sorted = [...gaps].sort((a, b) => a.from - b.from || a.index - b.index)
  const result: Gap[] = []
  let last = -1
  for (const gap of sorted) {
    const before = result[last]
    if (gap.kind === 'retention' && before !== undefined && gap.from <= before.to)
      result[last] = { ...before, to: Math.max(before.to, gap.to), index: Math.max(before.index, gap.index) }
    else {
      result.push(gap)
      if (gap.kind === 'retention') last = result.length - 1
    }
  }
  return result
}
