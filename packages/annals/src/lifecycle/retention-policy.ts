import { RETENTION_CLASSES } from '../catalog/index.ts'
import { isRetentionClass } from '../log/entry.ts'
import type { AuditEvent } from '../model/index.ts'
import { invalidRequest, pathTo, requestMembers } from './act-request.ts'
import {
  DAY_SECONDS,
  type RetentionRule,
  type RetentionRules,
  readRule,
  readSeconds,
} from './retention-rule.ts'

/** What an operator has laid down about keeping, as `log.policy` has it in `retention`. */
export interface RetentionPolicy {
  /** Rules by class; a class that is not named keeps the rule of the catalog, or the shipped one. */
  readonly classes: RetentionRules
  /** Rules of single tenants, which go before those of the class. */
  readonly tenants: Readonly<Record<string, RetentionRules>>
  /** Seconds that the rule of no tenant may go below. */
  readonly floor: number
}

/** Where a rule comes from: an entry of the log, or annals itself. */
export type RuleSource = 'log.policy' | 'log.catalog' | 'shipped'

/** The rules that hold now. */
export interface PolicyInForce {
  /** Every class that anybody has named, with its rule and where it comes from. */
  readonly classes: Readonly<Record<string, { readonly rule: RetentionRule; readonly from: RuleSource }>>
  readonly tenants: Readonly<Record<string, RetentionRules>>
  readonly floor: number
  /** The entry that laid it down, when there is one. */
  readonly setBy?: { readonly index: number; readonly at: string }
}

/** The class of the log's own entries, which explain all others: it is kept for ever. */
const LEDGER = 'ledger'
/** Longest name of a tenant, in UTF-16 code units; no event can have a longer one. */
const TENANT_LENGTH = 512

/**
 * Reads a policy as a person may write it: every member may be left out, times may be texts such as `180d`.
 *
 * @throws AnnalsError ANNALS_INVALID with the path: a bad name or rule, a `ledger` that ends, a tenant's rule below the floor
 * @example
 * ```ts
 * readRetentionPolicy({ classes: { standard: '180d' }, tenants: { acme: { standard: 'forever' } }, floor: '30d' })
 * ```
 */
export function readRetentionPolicy(value: unknown): RetentionPolicy {
  const { classes = {}, tenants = {}, floor = 0 } = requestMembers(value, ['classes', 'tenants', 'floor'])
  const least = readSeconds(floor)
  if (least === undefined) throw invalidRequest('/floor', 'must be seconds, or a time such as "30d"')
  const overrides: [string, RetentionRules][] = []
  for (const [tenant, rules] of Object.entries(membersWithAnyName(tenants, '/tenants'))) {
    const path = pathTo('/tenants', tenant)
    if (tenant === '' || tenant.length > TENANT_LENGTH) throw invalidRequest(path, 'is no name of a tenant')
    overrides.push([tenant, readRules(rules, path, least)])
  }
  return { classes: readRules(classes, '/classes'), tenants: Object.fromEntries(overrides), floor: least }
}

function readRules(value: unknown, path: string, floor = 0): RetentionRules {
  const rules: [string, RetentionRule][] = []
  for (const [name, given] of Object.entries(membersWithAnyName(value, path))) {
    const at = pathTo(path, name)
    if (!isRetentionClass(name)) throw invalidRequest(at, 'is no name of a retention class')
    const rule = readRule(given, at)
    if (name === LEDGER && rule !== 'forever')
      throw invalidRequest(at, 'must be "forever": these entries explain the rest of the log')
    if (floor > 0 && rule !== 'forever' && (typeof rule === 'object' || rule < floor)) {
      throw invalidRequest(
        at,
        `may not go below the floor of ${floor} seconds`,
        typeof rule === 'object' ? 'A rule of the newest may end at any time.' : 'Raise it, or lower /floor.',
      )
    }
    rules.push([name, rule])
  }
  return Object.fromEntries(rules)
}

function membersWithAnyName(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return requestMembers(value, typeof value === 'object' && value !== null ? Object.keys(value) : [], path)
}

/**
 * The rules that hold now: for each class the newest `log.policy` that speaks of retention, else the newest `log.catalog`, else
 * the shipped classes.
 *
 * @param newest the log's own entries of an action, newest first
 */
export async function policyInForce(
  newest: (action: 'log.policy' | 'log.catalog') => AsyncIterable<AuditEvent>,
): Promise<PolicyInForce> {
  const policy = await newestPolicy(newest('log.policy'))
  const catalog = await newestClasses(newest('log.catalog'))
  const classes: Record<string, { rule: RetentionRule; from: RuleSource }> = {}
  const add = (rules: RetentionRules, from: RuleSource): void => {
    for (const [name, rule] of Object.entries(rules)) classes[name] = { rule, from }
  }
  add(inSeconds(RETENTION_CLASSES), 'shipped')
  add(inSeconds(catalog), 'log.catalog')
  add(policy?.policy.classes ?? {}, 'log.policy')
  return {
    classes,
    tenants: policy?.policy.tenants ?? {},
    floor: policy?.policy.floor ?? 0,
    ...(policy === undefined ? {} : { setBy: { index: policy.index, at: policy.at } }),
  }
}

async function newestPolicy(
  entries: AsyncIterable<AuditEvent>,
): Promise<{ policy: RetentionPolicy; index: number; at: string } | undefined> {
  for await (const { data, index, recordedAt } of entries) {
    const retention = (data as { retention?: unknown } | undefined)?.retention
    if (retention !== undefined) return { policy: readRetentionPolicy(retention), index, at: recordedAt }
  }
  return undefined
}

async function newestClasses(
  entries: AsyncIterable<AuditEvent>,
): Promise<Record<string, number | 'forever'>> {
  for await (const { data } of entries)
    return (data as { retention?: Record<string, number | 'forever'> } | undefined)?.retention ?? {}
  return {}
}

function inSeconds(days: Readonly<Record<string, number | 'forever'>>): RetentionRules {
  return Object.fromEntries(
    Object.entries(days).map(([name, rule]) => [name, rule === 'forever' ? rule : rule * DAY_SECONDS]),
  )
}

/** The rule of an event; a class that nobody has named is kept for ever. */
export function ruleFor(policy: PolicyInForce, retention: string, tenant?: string): RetentionRule {
  return overrideFor(policy, retention, tenant) ?? own(policy.classes, retention)?.rule ?? 'forever'
}

/** The rule that a tenant has of its own for a class. */
export function overrideFor(
  { tenants }: PolicyInForce,
  retention: string,
  tenant: string | undefined,
): RetentionRule | undefined {
  const rules = tenant === undefined ? undefined : own(tenants, tenant)
  return rules === undefined ? undefined : own(rules, retention)
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
