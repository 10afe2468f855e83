import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../model/index.ts'
import { candidateTerms } from './candidate-terms.ts'
import { eventTerms } from './event-terms.ts'
import { eventOf, NOW } from './events.test-support.ts'
import { type MatcherOptions, matcher } from './matcher.ts'
import { parseQuery } from './parse.ts'
import { resolveQuery } from './resolve.ts'
import { satisfies } from './term-expr.ts'

const ME = { type: 'user', id: 'u1' }

function matches(query: string, event: AuditEvent, options?: MatcherOptions): boolean {
  const resolved = resolveQuery(parseQuery(query), { now: NOW, me: ME })
  const found = matcher(resolved, options)(event)
  if (found && !options) expect(satisfies(candidateTerms(resolved), eventTerms(event))).toBe(true)
  return found
}

const EVENT = eventOf({
  id: 'id-7',
  operation: 'op-7',
  index: 1500,
  phase: 'outcome',
  action: 'machine.nic.add',
  topics: ['node.connection.forward'],
  outcome: {
    result: 'denied',
    code: 'PermissionDenied',
    message: 'Role viewer may not add',
    durationMs: 4200,
  },
  actor: {
    type: 'service',
    id: 'svc-1',
    name: 'Deploy-Bot',
    onBehalfOf: { type: 'user', id: 'u1', name: 'alice' },
  },
  targets: [
    { type: 'machine', id: '0f3c/x', name: 'web-3' },
    { type: 'net', id: 'arn:aws:ec2:net/9' },
  ],
  tenant: 'Acme',
  project: 'prod',
  origin: { ip: '10.4.7.9', correlationId: 'c-1', requestId: 'r-1', component: 'api' },
  source: { system: 'aws.cloudtrail', id: 'x' },
  tags: { env: 'Prod', 'a.b': 'rack 4' },
  changes: [
    { path: '/spec', op: 'replace', before: { owner: 'acme', ips: ['a', 7] }, after: { owner: 'umbra' } },
    { path: '/root_pw', op: 'replace', masked: true },
  ],
  visibility: 'operator',
})

describe('fields', () => {
  it.each([
    // actor: id, name, type/id, type/name, also of onBehalfOf
    ['actor:svc-1', 'actor:svc'],
    ['actor:deploy-bot', 'actor=deploy-bot'],
    ['actor=Deploy-Bot', 'actor=Deploy'],
    ['actor:service/svc-1', 'actor:user/svc-1'],
    ['by:service/deploy-bot', 'user:bob'],
    ['actor:alice', 'actor:u2'],
    ['actor:user/u1', 'actor:user'],
    ['actor:me', 'actor=me'],
    ['actor:dep*', 'actor:ep*'],
    ['actor:*bot', 'actor:*bo'],
    ['actor:d*-*t', 'actor:"dep*"'],
    ['actor.id:u1', 'actor.id:alice'],
    ['actor.type:service', 'actor.type:key'],
    // action: exact, below on segment boundaries, stars at the ends of segments
    ['action:machine.nic.add', 'action:machine.nic'],
    ['action:MACHINE.nic.add', 'action=MACHINE.nic.add'],
    ['action:machine.*', 'action:machin.*'],
    ['action:machine.nic.*', 'action:machine.ni.*'],
    ['action:machine.nic.add.*', 'action:machine.nic.add.x.*'],
    ['action:mach*', 'action:ach*'],
    ['action:machine.n*', 'action:machine.x*'],
    ['action:*.nic.add', 'action:*.add'],
    ['action:machine.*.add', 'action:machine.*.remove'],
    ['action:ma*.n*.a*', 'action:"machine.*"'],
    ['action:*', 'action=*'],
    // topic: action and further topics, and everything below
    ['topic:node', 'topic:nod'],
    ['topic:node.connection.*', 'topic:node.connect.*'],
    ['topic:machine', 'action:node.*'],
    ['topic:node.connection.forward', 'topic:node.connection.forward.x'],
    ['topic:*.connection', 'topic:*.forward'],
    ['topic=node.connection.forward', 'topic=node.connection'],
    // target: any of them; ids may hold slashes and colons
    ['target:web-3', 'target:web'],
    ['entity:machine/0f3c/x', 'entity:net/0f3c/x'],
    ['target:machine/web-3', 'target:machine'],
    ['target:arn:aws:ec2:net/9', 'target:arn:aws:ec2'],
    ['target:net/arn:aws:ec2:net/9', 'target:arn'],
    ['target.type:net', 'target.type:web-3'],
    ['target.id:0F3C/X', 'target.id=0F3C/X'],
    // plain fields
    ['outcome:denied', 'outcome:failure'],
    ['outcome:failure,denied', 'outcome:succes'],
    ['phase:outcome', 'phase:attempt'],
    ['visibility:operator', 'visibility:public'],
    ['retention:standard', 'retention:stand'],
    ['tenant:acme', 'tenant=acme'],
    ['tenant:*', 'tenant:a'],
    ['project:prod', 'project:test'],
    ['source:aws.*', 'source:x'],
    ['component:api', 'component:cli'],
    ['corr:c-1', 'corr:r-1'],
    ['request:r-1', 'request:c-1'],
    ['id:id-7', 'id:ID-7'],
    ['operation:op-7', 'operation:id-7'],
    ['index:1500', 'index:1501'],
    ['index:1000..2000', 'index:1000..1500'],
    ['index:1500..1501', 'index:1501..'],
    ['index:>1499', 'index:>1500'],
    ['index:<=1500', 'index:<1500'],
    ['index:1,1500', 'index:1,2'],
    ['tag.env:prod', 'tag.env=prod'],
    ['tag.ENV:prod', 'tag.ENV=Prod'],
    ['tag.env=Prod', 'tag.env=P*'],
    ['tag.env:*', 'tag.none:*'],
    ['tag.a.b:"rack 4"', 'tag.a:*'],
    ['-tag.constructor:*', 'tag.__proto__:*'],
    ['error:permissiondenied', 'error:denied'],
    ['error:"viewer role"', 'error:"viewer missing"'],
    ['error:Perm*', 'error:*viewer*'],
    ['error=PermissionDenied', 'error=permissiondenied'],
    ['error:*', '-error:*'],
    ['took:>4s', 'took:>4200ms'],
    ['took:>=4200ms', 'took:<4.2s'],
    ['took:4s..5s', 'took:1s..4200ms'],
    ['took:*', 'took:5s'],
    ['changed:spec', 'changed:spe'],
    ['changed:/root_pw', 'changed:owner'],
    ['changed:root*', 'changed:spec.owner'],
    ['from.spec.owner:acme', 'to.spec.owner:acme'],
    ['to./spec/owner:UMBRA', 'to.spec.owner=UMBRA'],
    ['from.spec.ips:7', 'to.spec.ips:*'],
    ['from.spec.owner:*', 'from.root_pw:*'],
    ['is:failed', 'is:archived'],
    ['is:impersonated', 'is:backfilled'],
    ['is:internal,archived', 'is:erased'],
    ['is:redacted', '-is:redacted'],
    ['has:error', 'has:description'],
    ['has:changes has:data', 'has:data'],
    // times: half-open, by what was claimed, and by what was recorded
    ['after:2026-11-21', 'after:2026-11-22'],
    ['before:2026-11-22', 'before:2026-11-21'],
    ['before:2026-11-21T12:02:41.319Z', 'before:2026-11-21T12:02:41.318Z'],
    ['during:2026-11', 'during:2026-10'],
    ['during:1h', 'during:20s'],
    ['at:2026-11-21T12:02', 'at:2026-11-21T12:03'],
    ['after:1m', 'after:now-1s'],
    ['recorded:2026-11-21T12:02:41.4Z', 'recorded:2026-11-21T12:02:41.3Z'],
    ['recorded:>2026-11-20', 'recorded:>2026-11-21'],
    ['recorded:<=2026-11-21', 'recorded:<2026-11-21'],
    ['recorded:2026-11-21..2026-11-22', 'recorded:2026-11-22..2026-11-23'],
  ])('%s, not %s', (yes, no) => {
    expect(matches(yes, EVENT)).toBe(true)
    expect(matches(no, EVENT)).toBe(false)
    expect(matches(`-(${yes})`, EVENT)).toBe(false)
    expect(matches(`-(${no})`, EVENT)).toBe(true)
  })

  it.each([
    ['10.4.7.9', 'ip:10.0.0.0/8', true],
    ['10.4.7.9', 'ip:10.4.7.9', true],
    ['10.4.7.9', 'ip:::ffff:10.4.7.9', true],
    ['10.4.7.9', 'ip:10.4.7.8/31', true],
    ['10.4.7.9', 'ip:10.4.7.10/31', false],
    ['10.4.7.9', 'ip:11.0.0.0/8', false],
    ['10.4.7.9', 'ip:2001:db8::/32', false],
    ['::ffff:10.4.7.9', 'ip:10.0.0.0/8', true],
    ['::ffff:10.4.7.9', 'ip=10.4.7.9', false],
    ['2001:DB8::1', 'ip:2001:db8::/32', true],
    ['2001:db9::1', 'ip:2001:db8::/32', false],
    ['2001:db9::1', 'ip:2001:db8::/31', true],
    ['hmac:7f', 'ip=hmac:7f', true],
    ['hmac:7f', 'ip:0.0.0.0/0', false],
    ['hmac:7f', 'ip:*', true],
    [undefined, 'ip:*', false],
    [undefined, '-ip:10.0.0.0/8', true],
  ])('from %s: %s is %s', (ip, query, expected) => {
    expect(matches(query, eventOf({ origin: ip === undefined ? {} : { ip } }))).toBe(expected)
  })

  it('means the reader alone by target:me: type and id of one target, no name, no text that looks like both', () => {
    const on = (...targets: AuditEvent['targets']): AuditEvent => eventOf({ targets })
    expect(matches('target:me', on({ type: 'machine', id: 'x' }, { type: 'user', id: 'u1' }))).toBe(true)
    expect(matches('target:me', on({ type: 'user', id: 'u2' }, { type: 'group', id: 'u1' }))).toBe(false)
    expect(matches('target:me', on({ type: 'group', id: 'user/u1' }))).toBe(false)
    expect(matches('target:me', on({ type: 'user', id: 'u2', name: 'u1' }))).toBe(false)
    expect(matches('target:me', on({ type: 'x', id: 'me', name: 'user/u1' }))).toBe(false)
    expect(matches('target=me', on({ type: 'x', id: 'me' }))).toBe(true)
    expect(matches('target:me', EVENT)).toBe(false)
  })

  it('finds actors that have no id by their type', () => {
    expect(matches('actor:unknown', eventOf({ actor: { type: 'unknown', id: '' } }))).toBe(true)
    expect(matches('actor:erased', eventOf({ actor: { type: 'erased', id: '' } }))).toBe(true)
    expect(matches('actor:user', eventOf())).toBe(false)
  })

  it('tells 0 from absent (M21)', () => {
    const zero = eventOf({ outcome: { result: 'success', durationMs: 0 } })
    expect(matches('took:0ms', zero)).toBe(true)
    expect(matches('took:*', zero)).toBe(true)
    expect(matches('took:0ms', eventOf())).toBe(false)
    expect(matches('took:<5s', eventOf())).toBe(false)
    expect(matches('index:0', eventOf())).toBe(true)
  })
})

describe('free text', () => {
  it.each([
    ['deploy', true],
    ['DEPLOY bot', true],
    ['eploy', false],
    ['rack', true],
    ['"rack 4"', true],
    ['rack4', false],
    ['"4 rack"', false],
    ['"role viewer may not add"', true],
    ['"ole viewer"', false],
    ['"rack 4 role"', false],
    ['ro', false],
    ['rol', true],
    ['al', false],
    ['nic', true],
    ['permission', true],
    ['denied', false],
    ['acme', false],
    ['web-3', true],
    ['web-5', false],
    ['viewer missing', false],
  ])('%s is %s (M21)', (query, expected) => {
    expect(matches(query, EVENT)).toBe(expected)
  })

  it('does not disturb other filters (M21)', () => {
    expect(matches('viewer tenant:acme outcome:denied', EVENT)).toBe(true)
    expect(matches('viewer tenant:other outcome:denied', EVENT)).toBe(false)
  })

  it('searches the sentence when there is one', () => {
    const sentence = (event: AuditEvent): string => `${event.actor.name} added a card`
    expect(matches('card', EVENT)).toBe(false)
    expect(matches('card', EVENT, { sentence })).toBe(true)
    expect(matches('"added a card"', EVENT, { sentence })).toBe(true)
  })

  it('never searches data', () => {
    expect(matches('secret', eventOf({ data: { note: 'secret' } }))).toBe(false)
  })
})

describe('combination', () => {
  it('AND across fields, OR within one (T29)', () => {
    expect(matches('actor:bob actor:alice tenant:acme', EVENT)).toBe(true)
    expect(matches('actor:bob,alice tenant:other', EVENT)).toBe(false)
    expect(matches('-actor:alice -actor:bob', EVENT)).toBe(false)
    expect(matches('-actor:bob -actor:carol', EVENT)).toBe(true)
    expect(matches('actor:bob AND actor:alice', EVENT)).toBe(false)
    expect(matches('target:web-3 AND target:net/*', EVENT)).toBe(true)
  })

  it('a parent path holds its children, a leaf only itself (P13), by segments (P27)', () => {
    const paths = ['a', 'a.b', 'a.b.c', 'a.bc', 'b']
    const found = (query: string): string[] => paths.filter(action => matches(query, eventOf({ action })))
    expect(found('topic:a')).toEqual(['a', 'a.b', 'a.b.c', 'a.bc'])
    expect(found('action:a.b.*')).toEqual(['a.b', 'a.b.c'])
    expect(found('topic:a.b')).toEqual(['a.b', 'a.b.c'])
    expect(found('topic:a.b.c')).toEqual(['a.b.c'])
    expect(found('')).toEqual(paths)
    expect(found('topic:a.b,b')).toEqual(['a.b', 'a.b.c', 'b'])
  })

  it('constructor and __proto__ are no topics (P18); separators do not collide (P19)', () => {
    expect(matches('topic:constructor', EVENT)).toBe(false)
    expect(matches('action:__proto__', EVENT)).toBe(false)
    expect(matches('action:constructor', eventOf({ action: 'constructor' }))).toBe(true)
    const slashed = eventOf({ targets: [{ type: 'a', id: 'b/c' }] })
    expect(matches('target.type:a/b', slashed)).toBe(false)
    expect(matches('target.id:b/c', slashed)).toBe(true)
    const tagged = eventOf({ tags: { 'a=b': 'c' } })
    expect(matches('tag.a:"b=c"', tagged)).toBe(false)
    expect(matches('tag."a=b":c', tagged)).toBe(true)
  })
})
