import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { list, text } from '../schema/value.ts'

const byMac = fields({ macs: list(text) })
const snapshot = fields({ snapshot: text })

/** What hangs on an instance: network interfaces, snapshots, its firewall. The target is the instance. */
export const attached = [
  defineEvent('instance.nic.add', {
    data: fields({ networks: list(text) }),
    describe: '{actor} added interfaces to instance {target}: {data.networks}',
    retention: 'security',
  }),
  defineEvent('instance.nic.update', {
    data: byMac,
    describe: '{actor} changed interfaces of instance {target}: {data.macs}',
    retention: 'security',
  }),
  defineEvent('instance.nic.remove', {
    data: byMac,
    describe: '{actor} removed interfaces of instance {target}: {data.macs}',
    retention: 'security',
  }),
  defineEvent('instance.snapshot.create', {
    data: snapshot,
    describe: '{actor} made the snapshot {data.snapshot} of instance {target}',
  }),
  defineEvent('instance.snapshot.rollback', {
    data: snapshot,
    describe: '{actor} set instance {target} back to the snapshot {data.snapshot}',
    retention: 'security',
  }),
  defineEvent('instance.snapshot.delete', {
    data: snapshot,
    describe: '{actor} deleted the snapshot {data.snapshot} of instance {target}',
  }),
  defineEvent('instance.firewall.enable', {
    data: noData,
    describe: '{actor} enabled the firewall of instance {target}',
    retention: 'security',
  }),
  defineEvent('instance.firewall.disable', {
    data: noData,
    describe: '{actor} disabled the firewall of instance {target}',
    retention: 'security',
  }),
] as const
