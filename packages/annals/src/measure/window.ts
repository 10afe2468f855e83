import { AnnalsError, didYouMean, isPath, VISIBILITIES, type Visibility } from '../model/index.ts'

/** Which operations are measured. Times are `recordedAt`. */
export interface MetricWindow {
  /**
   * Dotted path: the action itself and everything below it, on segment boundaries. Further `topics` of an event do not count.
   *
   * @defaultValue everything but the log's own actions, which are below `log`
   */
  readonly topic?: string | undefined
  /** @defaultValue all tenants, and events without one */
  readonly tenant?: string | undefined
  /** Only what a reader of this level may see. @defaultValue `operator`, which is everything */
  readonly visibility?: Visibility | undefined
  /** First instant. @defaultValue the first operation */
  readonly from?: Date | undefined
  /** The instant after the last. @defaultValue now */
  readonly to?: Date | undefined
  /** Instead of `from`: so many milliseconds up to `to`. */
  readonly last?: number | undefined
}

/** A window that was checked. */
export interface Asked {
  readonly topic: string
  readonly tenant: string | undefined
  readonly visibility: Visibility
  /** ms since the epoch, inclusive; undefined from the first operation on. */
  readonly from: number | undefined
  /** ms since the epoch, exclusive; undefined up to now. */
  readonly to: number | undefined
  /** Milliseconds before `to`, or before now, instead of `from`. */
  readonly last: number | undefined
}

const LATEST: number = Date.UTC(9999, 11, 31)
const MEMBERS = ['topic', 'tenant', 'visibility', 'from', 'to', 'last'] as const

/**
 * Checks a window, which may have come over a network.
 *
 * @param options members that the metric takes beside those of a window
 * @throws AnnalsError ANNALS_INVALID with the path
 */
export function readWindow(window: unknown, options: readonly string[]): Asked {
  if (typeof window !== 'object' || window === null || Array.isArray(window))
    throw refuse('', 'must be an object')
  const members = [...MEMBERS, ...options]
  const given = window as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given))
    if (!members.includes(name)) throw refuse(`/${name}`, 'no such option', didYouMean(name, members))
  const { topic = '', tenant, visibility = 'operator', last } = given as MetricWindow
  if (typeof topic !== 'string' || (topic !== '' && !isPath(topic)))
    throw refuse('/topic', 'must be a dotted path, such as machine.nic')
  if (tenant !== undefined && typeof tenant !== 'string') throw refuse('/tenant', 'must be a text')
  if (!VISIBILITIES.includes(visibility))
    throw refuse('/visibility', `must be one of ${VISIBILITIES.join(', ')}`)
  const from = readInstant('/from', given['from'])
  const to = readInstant('/to', given['to'])
  if (last !== undefined) {
    if (!Number.isSafeInteger(last) || last < 1)
      throw refuse('/last', 'must be a whole number of milliseconds, from 1')
    if (from !== undefined) throw refuse('/last', 'stands instead of from, not beside it')
  }
  if (from !== undefined && to !== undefined && from > to) throw refuse('/to', 'is before from')
  return { topic, tenant, visibility, from, to, last }
}

function readInstant(path: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (value instanceof Date && value.getTime() >= 0 && value.getTime() <= LATEST) return value.getTime()
  throw refuse(path, 'must be a Date of the years 1970 to 9999')
}

/** A window or an option of a metric that cannot be. */
export function refuse(path: string, what: string, hint?: string): AnnalsError {
  const place = path === '' ? 'window' : path.slice(1)
  return new AnnalsError('ANNALS_INVALID', `${JSON.stringify(place)}: ${what}.`, {
    path,
    ...(hint === undefined ? {} : { hint }),
  })
}
