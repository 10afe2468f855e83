import { attached } from './instances/attached.ts'
import { lifeCycle } from './instances/life-cycle.ts'
import { notes } from './instances/notes.ts'
import { hosts, resources } from './instances/resources.ts'

export { MACHINE_AUDIT_ACTIONS } from './instances/machine-audit-actions.ts'

/**
 * The event types of a service that manages instances (virtual machines, containers): the life cycle that Triton CloudAPI audits,
 * and what it calls unknown or leaves out: firewalls, internal metadata, a new owner, images, networks, volumes, reboots of hosts.
 * Before and after belong into `changes`.
 *
 * @example
 * ```ts
 * import { instances } from 'annals/catalogs/instances'
 * await using trail = await openTrail({ dir, catalog: catalog(instances) })
 * await trail.wrap('instance.resize', { actor, targets, data: { package: 'g1.large' } }, async () => resize())
 * ```
 */
export const instances = [lifeCycle, attached, notes, resources, hosts] as const
