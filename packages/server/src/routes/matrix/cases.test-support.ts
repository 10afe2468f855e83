import type { Visibility } from 'annals/model'
import type { NewKey } from '../../access/key-schema.ts'
import type { CanaryKind, MatrixEvent } from './events.test-support.ts'

/** A reader of the matrix: how they get their token, and what they may see, said again in plain code. */
export interface MatrixCase {
  readonly title: string
  readonly key: Omit<NewKey, 'name'>
  /** Asks for a viewer token with the key, and reads with that. */
  readonly viewer?: object
  readonly level: Visibility
  sees(event: MatrixEvent): boolean
  /** What is withheld of an event that is seen. */
  masks?(event: MatrixEvent): readonly CanaryKind[]
}

const RANK: Readonly<Record<Visibility, number>> = { public: 0, owner: 1, operator: 2 }
/** Where others were, and with what. */
const OTHERS: readonly CanaryKind[] = ['ip', 'ua', 'sess', 'cred']

const upTo =
  (level: Visibility) =>
  ({ visibility }: MatrixEvent): boolean =>
    RANK[visibility] <= RANK[level]
const isOwner = upTo('owner')
const isPublic = upTo('public')
const inAcme = ({ tenant }: MatrixEvent): boolean => tenant === 'acme'
const inWeb = ({ project }: MatrixEvent): boolean => project === 'web'
const ofAlice = ({ relation }: MatrixEvent): boolean => relation !== 'by bob'
const byBob = ({ relation }: MatrixEvent): boolean => relation === 'on alice' || relation === 'by bob'
const ofOthers = (): readonly CanaryKind[] => OTHERS
/** Where root acts for alice, root's address is no address of hers. */
const notByAlice = ({ relation }: MatrixEvent): readonly CanaryKind[] =>
  relation === 'by alice' ? [] : OTHERS

const alice = { type: 'user', id: 'alice' }
const bob = { type: 'user', id: 'bob' }
const AHEAD = '2999-01-01T00:00:00.000Z'

/** Every default role with every kind of assignment, and viewer tokens made by some. */
export const MATRIX_CASES: readonly MatrixCase[] = [
  { title: 'operator', key: { role: 'operator' }, level: 'operator', sees: () => true },
  {
    title: 'operator of acme',
    key: { role: 'operator', tenant: 'acme' },
    level: 'operator',
    sees: inAcme,
  },
  {
    title: 'tenant admin of acme',
    key: { role: 'tenant-admin', tenant: 'acme', subject: alice },
    level: 'owner',
    sees: event => inAcme(event) && isOwner(event),
  },
  {
    title: 'owner of web in every tenant, nobody by name',
    key: { role: 'owner', project: 'web' },
    level: 'owner',
    sees: event => inWeb(event) && isOwner(event),
    masks: ofOthers,
  },
  {
    title: 'alice, owner of web in acme',
    key: { role: 'owner', tenant: 'acme', project: 'web', subject: alice },
    level: 'owner',
    sees: event => inAcme(event) && isOwner(event) && (inWeb(event) || ofAlice(event)),
    masks: notByAlice,
  },
  {
    title: 'a new owner of web, who is shown nothing of before',
    key: { role: 'owner', project: 'web', since: AHEAD },
    level: 'owner',
    sees: () => false,
  },
  {
    title: 'maintainer of web in acme, nobody by name',
    key: { role: 'maintainer', tenant: 'acme', project: 'web' },
    level: 'public',
    sees: event => inAcme(event) && inWeb(event) && isPublic(event),
    masks: ofOthers,
  },
  {
    title: 'alice, maintainer of web',
    key: { role: 'maintainer', project: 'web', subject: alice },
    level: 'owner',
    sees: event => (inWeb(event) && isPublic(event)) || (ofAlice(event) && isOwner(event)),
    masks: notByAlice,
  },
  {
    title: 'alice, user',
    key: { role: 'user', subject: alice },
    level: 'owner',
    sees: event => ofAlice(event) && isOwner(event),
    masks: notByAlice,
  },
  {
    title: 'alice, user of api in acme',
    key: { role: 'user', tenant: 'acme', project: 'api', subject: alice },
    level: 'owner',
    sees: event => ofAlice(event) && isOwner(event) && event.project === 'api',
    masks: notByAlice,
  },
  {
    title: 'auditor',
    key: { role: 'auditor' },
    level: 'owner',
    sees: isOwner,
  },
  {
    title: 'auditor of acme, of failures alone',
    key: { role: 'auditor', tenant: 'acme', filter: 'outcome:failure' },
    level: 'owner',
    sees: event => inAcme(event) && isOwner(event),
  },
  { title: 'recorder', key: { role: 'recorder' }, level: 'public', sees: () => false },
  {
    title: 'a viewer of web in acme',
    key: { role: 'tenant-admin', tenant: 'acme' },
    viewer: {
      filter: 'project:web OR tenant:umbra',
      level: 'public',
      masks: ['/origin/ip', '/data', '/tags/env'],
      permissions: ['read', 'tail', 'export'],
    },
    level: 'public',
    sees: event => inAcme(event) && inWeb(event) && isPublic(event),
    masks: () => ['ip', 'data', 'tag'],
  },
  {
    title: 'bob, a viewer of his own events in acme',
    key: { role: 'tenant-admin', tenant: 'acme' },
    viewer: { filter: 'actor:me OR target:me', me: bob, permissions: ['read', 'tail', 'export'] },
    level: 'owner',
    sees: event => inAcme(event) && isOwner(event) && byBob(event),
  },
  {
    title: 'bob, a viewer by a token of alice',
    key: { role: 'owner', tenant: 'acme', project: 'web', subject: alice },
    viewer: { filter: 'actor:me', me: bob },
    level: 'owner',
    sees: event => inAcme(event) && isOwner(event) && (inWeb(event) || ofAlice(event)) && byBob(event),
    masks: ofOthers,
  },
  {
    title: 'a viewer of everything but who acted',
    key: { role: 'operator' },
    viewer: { masks: ['/actor', { paths: ['/changes'], unless: 'actor:alice' }] },
    level: 'operator',
    sees: () => true,
    masks: event => [
      'who',
      'cred',
      ...(ofAlice(event) && event.relation !== 'on alice' ? [] : (['old', 'new'] as const)),
    ],
  },
]
