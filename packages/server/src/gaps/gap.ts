import type { AuditEvent } from 'annals'
import { z } from 'zod'

/**
 * Why events may be missing from an answer. `lost`: something could not be recorded. `clock`: the clock jumped, so times of then
 * cannot be relied on. `paused`: nothing was recorded, or a part. `retention`: events past their time were removed.
 */
export const GAP_KINDS = ['lost', 'clock', 'paused', 'retention'] as const

/** A time of which events may be missing. It tells nothing of which. */
export interface Gap {
  readonly kind: (typeof GAP_KINDS)[number]
  /** Ms since the epoch. */
  readonly from: number
  /** Exclusive; infinite while it lasts. */
  readonly to: number
  /** Position of the entry that tells of it. */
  readonly index: number
  /** The only tenant that it is about. */
  readonly tenant?: string | undefined
  /** The only project that it is about, of that tenant or of any. */
  readonly project?: string | undefined
}

/** A gap as an answer tells of it. */
export const gapSchema: z.ZodType = z
  .strictObject({
    kind: z.enum(GAP_KINDS),
    from: z.string().describe('When it began, ISO 8601.'),
    to: z.string().optional().describe('When it had ended; absent while it lasts.'),
    index: z
      .int()
      .optional()
      .describe('Position of the entry that tells of it, for those who see the whole log.'),
  })
  .meta({ id: 'Gap' })

/** Calendar period of a chunk: `2026-11`, `2026-11-21` or `2026-11-21_13`, UTC. */
const PERIOD = /^(\d{4})-(\d\d)(?:-(\d\d)(?:_(\d\d))?)?$/

/** The time that a chunk's period covers; undefined when it is no name of one. */
export function periodRange(name: string): readonly [from: number, to: number] | undefined {
  const found = PERIOD.exec(name)
  if (found === null) return undefined
  const [year = 0, month = 1, day, hour] = found
    .slice(1)
    .map(part => (part === undefined ? undefined : Number(part)))
  const from = Date.UTC(year, month - 1, day ?? 1, hour ?? 0)
  if (hour !== undefined) return [from, from + 3_600_000]
  return [from, day === undefined ? Date.UTC(year, month) : from + 86_400_000]
}

/** The gap that a `log.gap` entry tells of. */
export function gapOf({ index, recordedAt, data, tenant }: AuditEvent): Gap {
  const at = Date.parse(recordedAt)
  const { kind, aheadMs, believed } = (data ?? {}) as {
    kind?: unknown
    aheadMs?: unknown
    believed?: unknown
  }
  const isClock = kind === 'clock'
  const jumped = isClock && believed === true && typeof aheadMs === 'number' && aheadMs > 0 ? aheadMs : 0
  return { kind: isClock ? 'clock' : 'lost', from: at - jumped, to: at + 1, index, tenant }
}

/** The gap that a `log.pause` entry begins. */
export function pauseOf({ index, recordedAt, tenant, project }: AuditEvent): Gap {
  const [from, to] = [Date.parse(recordedAt), Number.POSITIVE_INFINITY]
  return { kind: 'paused', from, to, index, tenant, project }
}
