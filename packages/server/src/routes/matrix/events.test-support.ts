import { type Catalog, catalog, defineEvent } from 'annals'
import type { Actor, Draft, Visibility } from 'annals/model'

/** What of an event a canary stands in. Each is a word of its own, so that free text can look for it. */
export type CanaryKind =
  | 'act'
  | 'who'
  | 'cred'
  | 'desc'
  | 'data'
  | 'int'
  | 'tgt'
  | 'name'
  | 'tag'
  | 'ip'
  | 'ua'
  | 'sess'
  | 'corr'
  | 'req'
  | 'code'
  | 'msg'
  | 'old'
  | 'new'

/** How an event is related to alice. */
export type Relation = 'by alice' | 'on alice' | 'by bob' | 'by root for alice'

/** An event of the matrix: every text in it is a canary of its own. */
export interface MatrixEvent {
  readonly nth: number
  readonly action: string
  readonly visibility: Visibility
  readonly tenant: string | undefined
  readonly project: string | undefined
  readonly relation: Relation
  readonly draft: Omit<Draft, 'action'>
}

/** A canary that was found. */
export interface Found {
  readonly kind: CanaryKind
  readonly nth: number
}

const ALICE = { type: 'user', id: 'alice' }
const BOB = { type: 'user', id: 'bob' }
const ROOT = { type: 'staff', id: 'root' }
const RELATIONS: readonly Relation[] = ['by alice', 'on alice', 'by bob', 'by root for alice']
const PLACES = [
  ['acme', 'web'],
  ['acme', 'api'],
  ['umbra', 'web'],
  [undefined, undefined],
] as const

/** Every visibility × place × relation. */
export const MATRIX_EVENTS: readonly MatrixEvent[] = (['public', 'owner', 'operator'] as const).flatMap(
  (visibility, level) =>
    PLACES.flatMap(([tenant, project], place) =>
      RELATIONS.map((relation, at) => {
        const nth = (level * PLACES.length + place) * RELATIONS.length + at
        return eventOf(nth, { visibility, tenant, project, relation })
      }),
    ),
)

/** The types of these events: each keeps a field for operators. */
export const MATRIX_CATALOG: Catalog = catalog(
  ...MATRIX_EVENTS.map(({ action, visibility }) =>
    defineEvent(action, { visibility, internal: ['/data/risk'], describe: '{actor} did it' }),
  ),
) as Catalog

/** The canary of a kind in an event. */
export function canary(kind: CanaryKind, nth: number): string {
  const number = String(nth).padStart(3, '0')
  return kind === 'ip' ? `10.77.9.${100 + nth}` : `zq${kind}n${number}x`
}

/** Every canary in a text. */
export function canariesIn(text: string): readonly Found[] {
  const words = [...text.matchAll(/zq([a-z]+)n(\d{3})x/g)]
  const addresses = [...text.matchAll(/10\.77\.9\.(\d{3})/g)]
  return [
    ...words.map(([, kind, nth]) => ({ kind: kind as CanaryKind, nth: Number(nth) })),
    ...addresses.map(([, nth]) => ({ kind: 'ip' as const, nth: Number(nth) - 100 })),
  ]
}

function eventOf(
  nth: number,
  facts: Pick<MatrixEvent, 'visibility' | 'tenant' | 'project' | 'relation'>,
): MatrixEvent {
  const { visibility, tenant, project, relation } = facts
  const c = (kind: CanaryKind): string => canary(kind, nth)
  const credential = { type: 'key', id: c('cred') }
  const target = { type: 'machine', id: c('tgt'), name: c('name') }
  const draft: Omit<Draft, 'action'> = {
    visibility,
    ...(tenant === undefined ? {} : { tenant, project }),
    actor: actorOf(relation, c('who'), credential),
    targets: relation === 'on alice' ? [target, ALICE] : [target],
    origin: {
      ip: c('ip'),
      userAgent: c('ua'),
      sessionId: c('sess'),
      correlationId: c('corr'),
      requestId: c('req'),
    },
    outcome: { result: 'failure', code: c('code'), message: c('msg'), durationMs: nth },
    description: c('desc'),
    tags: { env: c('tag') },
    changes: [{ path: '/owner', op: 'replace', before: c('old'), after: c('new') }],
    data: { note: c('data'), risk: c('int') },
  }
  return { nth, action: `act.${c('act')}`, visibility, tenant, project, relation, draft }
}

function actorOf(relation: Relation, name: string, credential: { type: string; id: string }): Actor {
  switch (relation) {
    case 'by alice':
      return { ...ALICE, name, credential }
    case 'by root for alice':
      return { ...ROOT, name, credential, onBehalfOf: { ...ALICE, credential } }
    case 'on alice':
    case 'by bob':
      return { ...BOB, name, credential }
  }
}
