import { hostname } from 'node:os'
import type { Catalog } from '../catalog/index.ts'
import type { ClockJump } from '../log/clock.ts'
import type { LogIdentity } from '../log/store.ts'
import type { Draft } from '../model/index.ts'
import type { Lost } from '../record/losses.ts'

// Entries that the log makes about itself. Nobody is named in them; hosts and processes are.

const OWN = { actor: { type: 'system', id: 'annals' }, retention: 'ledger', visibility: 'operator' } as const

/** First entry of a log. */
export function logOpened(identity: LogIdentity, vkey: string): Draft {
  return { ...OWN, action: 'log.open', data: { origin: identity.origin, period: identity.period, vkey } }
}

/** The catalog has changed: what every event type is called, says and keeps. */
export function catalogStated(catalog: Catalog): Draft {
  return { ...OWN, action: 'log.catalog', data: catalog.manifest() }
}

/** Chunks last for another period from here on. */
export function periodStated({ period }: LogIdentity): Draft {
  return { ...OWN, action: 'log.policy', data: { period } }
}

/** A recorder begins: readable name of its source. */
export function sourceOpened(identity: LogIdentity): Draft {
  return {
    ...OWN,
    action: 'log.source.open',
    data: {
      source: identity.source,
      host: hostname(),
      pid: process.pid,
      runtime: `node ${process.versions.node}`,
    },
  }
}

/** A recorder ends: nothing of its source follows. */
export function sourceClosed(identity: LogIdentity): Draft {
  return { ...OWN, action: 'log.source.close', data: { source: identity.source } }
}

/** The wall clock went ahead of the monotonic one. */
export function clockGap(jump: ClockJump): Draft {
  return { ...OWN, action: 'log.gap', data: { kind: 'clock', aheadMs: jump.by, believed: jump.believed } }
}

/** Events were dropped, as the policy lets it be while they cannot be stored. */
export function dropGap(identity: LogIdentity, { events, rules, from, to }: Lost): Draft {
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  return {
    ...OWN,
    action: 'log.gap',
    data: { kind: 'dropped', source: identity.source, events, rules, ...span },
  }
}
