import type { Actor, Origin, Target } from '../model/index.ts'
import { hex8, type Random, uuidOf } from './random.ts'

/** A machine and what belongs to it, as targets that events share. */
export interface SampleMachine {
  readonly parts: Readonly<Record<PartName, Target>>
  readonly project: string
  readonly tags: Readonly<Record<string, string>>
}

/** What an event can be about. */
export type PartName =
  | 'machine'
  | 'nic'
  | 'ip'
  | 'volume'
  | 'snapshot'
  | 'network'
  | 'firewall'
  | 'image'
  | 'key'
  | 'user'
  | 'project'

/** Somebody who acts, and where from. */
export interface SampleActor {
  readonly actor: Actor
  /** The same, as a target: who signs in is also what it is about. */
  readonly self: Target
  readonly origins: readonly Origin[]
}

/** One customer. The first actors and machines are the busiest. */
export interface SampleTenant {
  readonly id: string
  readonly actors: readonly SampleActor[]
  readonly machines: readonly SampleMachine[]
}

const GIVEN = [
  'ada',
  'alan',
  'barbara',
  'edsger',
  'grace',
  'hedy',
  'joan',
  'karen',
  'ken',
  'leslie',
  'linus',
  'margaret',
  'niklaus',
  'radia',
]
const FAMILY = [
  'abel',
  'bauer',
  'costa',
  'dubois',
  'eriksen',
  'fischer',
  'garcia',
  'hansen',
  'ito',
  'jansen',
  'kaya',
  'lopez',
  'müller',
  'novak',
]
const ROLES = ['web', 'db', 'cache', 'queue', 'build', 'proxy', 'batch', 'search']
const REGIONS = ['eu-central-1', 'eu-west-1', 'us-east-1', 'ap-south-1']
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
  'machinectl/3.2.1',
  'terraform/1.12.2',
  'python-requests/2.32.4',
  'machine-console/2026.1',
]

/** A tenant with its people, service accounts and machines. */
export function sampleTenant(random: Random, rank: number): SampleTenant {
  const id = `t${rank + 1}-${hex8(random).slice(0, 4)}`
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] as T
  const users = Array.from({ length: 24 }, (_, nth): SampleActor => {
    const name = `${pick(GIVEN)}.${pick(FAMILY)}@${id}.example`
    const actor: Actor = {
      type: 'user',
      id: uuidOf(random),
      name,
      ...(nth % 3 === 0 && { credential: { type: 'session', id: `s-${hex8(random)}` } }),
    }
    return { actor, self: targetOf(actor), origins: originsOf(random) }
  })
  const services = Array.from({ length: 6 }, (_, nth): SampleActor => {
    const name = `${pick(ROLES)}-automation-${nth + 1}`
    const actor: Actor = {
      type: 'service',
      id: `svc-${hex8(random)}`,
      name,
      credential: { type: 'key', id: `SHA256:${hex8(random)}` },
      ...(nth === 0 && { onBehalfOf: (users[0] as SampleActor).actor }),
    }
    return { actor, self: targetOf(actor), origins: originsOf(random) }
  })
  const operators = [0, 1].map((nth): SampleActor => {
    const actor: Actor = { type: 'operator', id: `op-${hex8(random)}`, name: `operator-${nth + 1}` }
    return { actor, self: targetOf(actor), origins: originsOf(random) }
  })
  // Interleaved, so that frequent actors are of every kind.
  const actors = [
    ...users.slice(0, 2),
    services[0],
    users[2],
    operators[0],
    ...users.slice(3),
    ...services.slice(1),
    operators[1],
  ]
  const projects = ['shop', 'mail', 'research']
  const machines = Array.from({ length: 40 }, () =>
    sampleMachine(random, `${id}-${pick(projects)}`, pick(users).actor, pick),
  )
  return { id, actors: actors.filter(actor => actor !== undefined), machines }
}

function sampleMachine(
  random: Random,
  project: string,
  owner: Actor,
  pick: <T>(values: readonly T[]) => T,
): SampleMachine {
  const role = pick(ROLES)
  const name = `${role}-${random.below(900) + 100}`
  const number = (): string => hex8(random)
  const address = `10.${random.below(256)}.${random.below(256)}.${random.below(254) + 1}`
  return {
    project,
    tags: { region: pick(REGIONS) },
    parts: {
      machine: { type: 'machine', id: uuidOf(random), name },
      nic: { type: 'nic', id: `nic-${number()}`, name: `eth${random.below(3)}` },
      ip: { type: 'ip', id: address },
      volume: { type: 'volume', id: `vol-${number()}`, name: 'data' },
      snapshot: { type: 'snapshot', id: `snap-${number()}`, name: 'nightly' },
      network: { type: 'network', id: `net-${number()}`, name: 'internal' },
      firewall: { type: 'firewall-rule', id: `fw-${number()}`, name: `allow-${role}` },
      image: { type: 'image', id: `img-${number()}`, name: `debian-13-${role}` },
      key: { type: 'ssh-key', id: `SHA256:${number()}${number()}${number()}`, name: `${role}-deploy` },
      user: targetOf(owner),
      project: { type: 'project', id: project },
    },
  }
}

function targetOf(actor: Actor): Target {
  return { type: actor.type, id: actor.id, ...(actor.name !== undefined && { name: actor.name }) }
}

function originsOf(random: Random): readonly Origin[] {
  return [0, 1, 2].map(nth => ({
    ip:
      nth === 2
        ? `2001:db8:${hex8(random).slice(0, 4)}::${hex8(random).slice(0, 4)}`
        : `203.0.113.${random.below(254) + 1}`,
    userAgent: AGENTS[random.below(AGENTS.length)] as string,
  }))
}
