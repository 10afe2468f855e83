import { defineEvent } from '../../catalog/index.ts'
import { fields, noData } from '../schema/fields.ts'
import { list, optional, text } from '../schema/value.ts'

/** What becomes of an instance. The target is the instance. */
export const lifeCycle = [
  defineEvent('instance.provision', {
    data: fields({ image: text, package: text, networks: optional(list(text)) }),
    describe: '{actor} provisioned instance {target} from image {data.image}',
    retention: 'security',
  }),
  defineEvent('instance.start', {
    data: noData,
    describe: '{actor} started instance {target}',
  }),
  defineEvent('instance.stop', {
    data: noData,
    describe: '{actor} stopped instance {target}',
  }),
  defineEvent('instance.reboot', {
    data: noData,
    describe: '{actor} rebooted instance {target}',
  }),
  defineEvent('instance.kill', {
    data: fields({ signal: text }),
    describe: '{actor} sent {data.signal} to instance {target}',
  }),
  defineEvent('instance.reprovision', {
    data: fields({ image: text }),
    describe: '{actor} made instance {target} anew from image {data.image}',
    retention: 'security',
  }),
  defineEvent('instance.rename', {
    data: fields({ name: text }),
    describe: '{actor} renamed instance {target} to {data.name}',
  }),
  defineEvent('instance.resize', {
    data: fields({ package: text }),
    describe: '{actor} resized instance {target} to {data.package}',
  }),
  defineEvent('instance.deletion-protection.enable', {
    data: noData,
    describe: '{actor} protected instance {target} against deletion',
    retention: 'security',
  }),
  defineEvent('instance.deletion-protection.disable', {
    data: noData,
    describe: '{actor} no longer protects instance {target} against deletion',
    retention: 'security',
  }),
  defineEvent('instance.owner.change', {
    data: fields({ owner: text }),
    describe: '{actor} gave instance {target} to {data.owner}',
    retention: 'security',
    persons: ['/data/owner', '/changes/~1owner'],
  }),
  defineEvent('instance.destroy', {
    data: noData,
    describe: '{actor} destroyed instance {target}',
    retention: 'security',
  }),
] as const
