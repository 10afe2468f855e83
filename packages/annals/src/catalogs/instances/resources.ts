import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { count, list, oneOf, optional, text } from '../schema/value.ts'

// Which fields; before and after are in the changes of the event.
const changed = fields({ fields: list(text) })
const volume = fields({ sizeMiB: count, type: oneOf('shared', 'local') })

/** What instances are made of and use. The target is the image, network or volume. */
export const resources = [
  defineEvent('image.create', {
    data: fields({ instance: text, version: text }),
    describe: '{actor} made image {target} {data.version} of instance {data.instance}',
    retention: 'security',
  }),
  defineEvent('image.update', {
    data: changed,
    describe: '{actor} changed image {target}: {data.fields}',
  }),
  defineEvent('image.share', {
    data: fields({ account: text }),
    describe: '{actor} shared image {target} with {data.account}',
    retention: 'security',
    persons: ['/data/account'],
  }),
  defineEvent('image.export', {
    data: fields({ to: text }),
    describe: '{actor} exported image {target} to {data.to}',
    retention: 'security',
  }),
  defineEvent('image.delete', {
    data: noData,
    describe: '{actor} deleted image {target}',
    retention: 'security',
  }),
  defineEvent('network.create', {
    data: fields({ subnet: text, vlan: optional(count) }),
    describe: '{actor} created network {target} ({data.subnet})',
    retention: 'security',
  }),
  defineEvent('network.update', {
    data: changed,
    describe: '{actor} changed network {target}: {data.fields}',
    retention: 'security',
  }),
  defineEvent('network.delete', {
    data: noData,
    describe: '{actor} deleted network {target}',
    retention: 'security',
  }),
  defineEvent('volume.create', {
    data: volume,
    describe: '{actor} created volume {target} of {data.sizeMiB} MiB',
  }),
  defineEvent('volume.update', {
    data: changed,
    describe: '{actor} changed volume {target}: {data.fields}',
  }),
  defineEvent('volume.delete', {
    data: noData,
    describe: '{actor} deleted volume {target}',
    retention: 'security',
  }),
] as const

/** Hosts, which only operators see, and what their reboots do to instances. The target is the host, or the instance. */
export const hosts = [
  defineEvent('host.reboot', {
    data: fields({ reason: optional(text), instances: optional(count) }),
    describe: '{actor} rebooted host {target}',
    visibility: 'operator',
    retention: 'security',
  }),
  defineEvent('instance.host-reboot', {
    data: fields({ host: text }),
    describe: 'Instance {target} was restarted because its host rebooted',
    internal: ['/data/host'],
  }),
] as const
