import type { AuditEvent } from '../../model/index.ts'
import { and, filter, not, type Operator, or, parseQuery, printQuery, type Query } from '../../query/index.ts'
import { type Random, randomOf } from '../../testing/random.ts'

/** Queries of every field kind, written down: for varied drafts they find something. */
const WRITTEN: readonly string[] = [
  '',
  '*',
  'actor:me',
  'target:me',
  'actor:*automation*',
  'user:service/proxy',
  'actor.type:service',
  'actor.type:serv*',
  'action:machine.*',
  'action:*.nic.*',
  'action:mac*',
  'action=machine.start',
  'topic:machine.snapshot',
  'topic:node.connection.*',
  'topic:billing,a.b',
  'target.type:volume,nic',
  'target:machine/*',
  'target:eth0',
  'outcome:failure',
  '-outcome:success',
  'outcome:denied,unknown',
  'after:2026-11-20 before:2026-11-21',
  'after:24h',
  'before:2020',
  'during:2026-11-20T05:10..2026-11-20T07:00:30',
  'during:2026-11-20..2026-11-20T12:30',
  'during:2030..2032',
  'at:2026-11-20T09:30..2026-11-20T10:30Z',
  'recorded:2026-11-21T11:00..2026-11-22T02:00',
  'recorded:2026-11-22',
  'recorded:..2026-11-21T11:01',
  'tag.env:prod',
  'tag.env=prod',
  'tag.region:eu*',
  'tag."my key":*',
  'tag.__proto__:*',
  'tenant:t1-*',
  'project:*shop',
  'source:aws.cloudtrail',
  'source:*',
  'component:api',
  'component=API',
  'ip:10.0.0.0/8',
  'ip:2001:db8::/32',
  'ip:255.1.2.3',
  'ip:203.0.113.0/25',
  '-ip:*',
  'corr:*',
  'request:req-a*',
  'phase:attempt',
  'phase:attempt,outcome',
  'visibility:operator',
  'retention:brief,ledger',
  'took:>5s',
  'took:..1s',
  'took:*',
  'error:E_BUSY',
  'error:rack',
  'error:*',
  'changed:spec.owner',
  'changed:spec',
  'changed:state',
  'changed:a/b',
  'from.state:running',
  'to.spec.owner:umbra',
  'to.owner:*-team',
  'index:100..130',
  'index:>=590',
  'index:7,9,9999',
  'is:failed',
  'is:impersonated',
  'is:unverified -is:failed',
  'is:internal',
  'is:backfilled',
  'is:redacted',
  'is:erased',
  'is:archived',
  ...['error', 'changes', 'data', 'tags', 'targets', 'topics', 'description', 'tenant', 'project'].map(
    name => `has:${name}`,
  ),
  ...['source', 'component', 'ip', 'corr', 'request', 'took', 'notes', 'truncated'].map(
    name => `-has:${name}`,
  ),
  'eth1',
  'nightly',
  'machine reboot',
  '"rack 4"',
  '"4 rack"',
  'rack -outcome:success',
  '(action:machine.* OR action:volume.*) -is:failed',
  '-(actor.type:user OR has:changes)',
]

/** Fields whose values are taken from the events. */
const PICKED: readonly (readonly [
  field: string,
  ops: readonly Operator[],
  value: (event: AuditEvent) => string | undefined,
  key?: string,
])[] = [
  ['actor', [':', '='], ({ actor }) => actor.name],
  ['actor', [':', '='], ({ actor }) => `${actor.type}/${actor.id}`],
  ['actor.id', [':', '='], ({ actor }) => actor.id],
  ['actor.type', ['='], ({ actor }) => actor.type],
  ['action', [':', '='], ({ action }) => action],
  ['topic', [':'], ({ action, topics }) => topics?.[0] ?? action.split('.')[0]],
  ['target', [':', '='], ({ targets }) => targets[0]?.name],
  ['target.id', [':', '='], ({ targets }) => targets[0]?.id],
  ['target.type', [':'], ({ targets }) => targets[0]?.type],
  ['outcome', [':', '='], ({ outcome }) => outcome.result],
  ['after', [':'], ({ occurredAt }) => occurredAt],
  ['before', [':'], ({ occurredAt }) => occurredAt],
  ['during', [':'], ({ occurredAt }) => `${occurredAt.slice(0, 19)}Z`],
  ['at', [':', '>=', '<'], ({ occurredAt }) => occurredAt],
  ['recorded', [':', '>=', '<', '>'], ({ recordedAt }) => recordedAt],
  ['tag', [':', '='], ({ tags }) => tags?.['env'], 'env'],
  ['tenant', [':', '='], ({ tenant }) => tenant],
  ['project', [':'], ({ project }) => project],
  ['source', ['='], ({ source }) => source?.system],
  ['component', [':', '='], ({ origin }) => origin.component],
  ['ip', [':', '='], ({ origin }) => origin.ip],
  ['corr', [':', '='], ({ origin }) => origin.correlationId],
  ['request', [':'], ({ origin }) => origin.requestId],
  ['id', [':', '='], ({ id }) => id],
  ['operation', [':', '='], ({ operation }) => operation],
  ['index', [':', '<', '>'], ({ index }) => String(index)],
  ['phase', [':'], ({ phase }) => phase],
  ['visibility', ['='], ({ visibility }) => visibility],
  ['retention', [':'], ({ retention }) => retention],
  [
    'took',
    ['=', '>=', '<'],
    ({ outcome }) => (outcome.durationMs === undefined ? undefined : `${outcome.durationMs}ms`),
  ],
  ['error', [':', '='], ({ outcome }) => outcome.code],
  ['changed', [':', '='], ({ changes }) => changes?.[0]?.path],
  ['from', [':'], ({ changes }) => text(changes?.[0]?.before), 'spec.owner'],
  ['to', [':', '='], ({ changes }) => text(changes?.[0]?.after), 'state'],
]

/** Queries of every field, with values as they are and as they occur in these events. The seed decides which. */
export function queriesFor(events: readonly AuditEvent[], seed: number): string[] {
  const random = randomOf(seed)
  const picked = PICKED.flatMap(([field, ops, value, key]) => {
    const values = events.map(value).filter(found => found !== undefined && found !== '')
    return ops.flatMap(op => {
      const found = values[random.below(values.length)]
      return found === undefined ? [] : [printQuery(filter(field, op, [{ kind: 'text', text: found }], key))]
    })
  })
  return [...WRITTEN, ...picked]
}

/** Random combinations of queries with AND, OR and NOT. */
export function combinedQueries(of: readonly string[], count: number, seed: number): string[] {
  const random = randomOf(seed)
  const leaves = of.filter(query => query !== '').map(query => parseQuery(query))
  return Array.from({ length: count }, () => printQuery(tree(leaves, random, 3)))
}

function tree(leaves: readonly Query[], random: Random, depth: number): Query {
  const leaf = leaves[random.below(leaves.length)] as Query
  if (depth === 0) return leaf
  const kind = random.below(5)
  if (kind === 0) return leaf
  if (kind === 1) return not(tree(leaves, random, depth - 1))
  const members = Array.from({ length: 2 + random.below(2) }, () => tree(leaves, random, depth - 1))
  return kind === 2 ? or(members) : and(members)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
