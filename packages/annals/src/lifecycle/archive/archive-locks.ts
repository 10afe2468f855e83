import { ENTRIES_OBJECT, MANIFEST_OBJECT, partsObject } from '../../log/archive-path.ts'
import type { SealManifest } from '../../log/log-store.ts'
import type { PolicyInForce } from '../retention-policy.ts'
import type { RetentionRule } from '../retention-rule.ts'

const DAY_MS = 86_400_000
/** How long what has no end is locked at a time. */
export const YEAR_MS: number = 365 * DAY_MS
/** A lock of a year is lengthened when less than this is left. */
const RENEW_MS = 182 * DAY_MS
/** Lock of entries whose chunk has no class that ends, in seconds. */
const DEFAULT_SECONDS = 180 * 86_400

/** Until when the objects of a chunk are to be locked, ms since the epoch; by object name. */
export type Locks = ReadonlyMap<string, number>

/**
 * The locks that a chunk is archived with: each class's parts until the class expires, for a year where it never does; entries and
 * manifest until the longest class that ends.
 */
export function firstLocks(manifest: SealManifest, policy: PolicyInForce, now: number): Locks {
  const locks = new Map<string, number>()
  let longest = 0
  for (const name of Object.keys(manifest.classes)) {
    const seconds = longestOf(policy, name)
    if (seconds !== 'endless') longest = Math.max(longest, seconds)
    locks.set(
      partsObject(name),
      wholeSecond(seconds === 'endless' ? now + YEAR_MS : manifest.last + seconds * 1000),
    )
  }
  const common = wholeSecond(manifest.last + (longest || DEFAULT_SECONDS) * 1000)
  return locks.set(ENTRIES_OBJECT, common).set(MANIFEST_OBJECT, common)
}

/** The locks that a later run lengthens: of what never expires, once they come near their end, with what explains it. */
export function renewedLocks(manifest: SealManifest, policy: PolicyInForce, now: number): Locks {
  const endless = Object.keys(manifest.classes).filter(name => longestOf(policy, name) === 'endless')
  if (endless.length === 0) return new Map()
  const until = wholeSecond(now + YEAR_MS)
  return new Map([ENTRIES_OBJECT, MANIFEST_OBJECT, ...endless.map(partsObject)].map(name => [name, until]))
}

/** Whether a lock is to be lengthened now. */
export function isDue(until: number | undefined, now: number): boolean {
  return until === undefined || until - now < RENEW_MS
}

/** Whether a lock of a year that was made then can be due by now. */
export function mayBeDue(archivedAt: number, now: number): boolean {
  return now - archivedAt > YEAR_MS - RENEW_MS - DAY_MS
}

/** The longest rule that any tenant has for a class, in seconds. A rule of the newest may keep anything, however old. */
function longestOf(policy: PolicyInForce, name: string): number | 'endless' {
  const rules: RetentionRule[] = [
    (Object.hasOwn(policy.classes, name) ? policy.classes[name]?.rule : undefined) ?? 'forever',
  ]
  for (const tenant of Object.values(policy.tenants)) {
    const rule = Object.hasOwn(tenant, name) ? tenant[name] : undefined
    if (rule !== undefined) rules.push(rule)
  }
  let longest = 0
  for (const rule of rules) {
    if (typeof rule !== 'number') return 'endless'
    longest = Math.max(longest, rule)
  }
  return longest
}

function wholeSecond(time: number): number {
  return Math.ceil(time / 1000) * 1000
}
