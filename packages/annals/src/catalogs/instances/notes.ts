import { defineEvent } from '../../catalog/index.ts'
import { fields } from '../schema/fields.ts'
import { list, text } from '../schema/value.ts'

// Names only: metadata often holds passwords and keys.
const named = fields({ keys: list(text) })

/** What is noted on an instance: metadata and tags. The target is the instance. */
export const notes = [
  defineEvent('instance.metadata.set', {
    data: named,
    describe: '{actor} set metadata of instance {target}: {data.keys}',
  }),
  defineEvent('instance.metadata.replace', {
    data: named,
    describe: '{actor} replaced the metadata of instance {target}: {data.keys}',
  }),
  defineEvent('instance.metadata.remove', {
    data: named,
    describe: '{actor} removed metadata of instance {target}: {data.keys}',
  }),
  defineEvent('instance.internal-metadata.set', {
    data: named,
    describe: '{actor} set internal metadata of instance {target}: {data.keys}',
    visibility: 'operator',
  }),
  defineEvent('instance.internal-metadata.replace', {
    data: named,
    describe: '{actor} replaced the internal metadata of instance {target}: {data.keys}',
    visibility: 'operator',
  }),
  defineEvent('instance.internal-metadata.remove', {
    data: named,
    describe: '{actor} removed internal metadata of instance {target}: {data.keys}',
    visibility: 'operator',
  }),
  defineEvent('instance.tag.set', {
    data: named,
    describe: '{actor} set tags of instance {target}: {data.keys}',
  }),
  defineEvent('instance.tag.replace', {
    data: named,
    describe: '{actor} replaced the tags of instance {target}: {data.keys}',
  }),
  defineEvent('instance.tag.remove', {
    data: named,
    describe: '{actor} removed tags of instance {target}: {data.keys}',
  }),
] as const
