import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catalog, createCatalog, defineEvent, type StandardSchemaV1 } from '../catalog/index.ts'
import { catalogPage } from './catalog-page.ts'

const mute: StandardSchemaV1<string> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: '' }) },
}
const types = createCatalog(
  [
    defineEvent('user.rename', { retired: 'use user.update', topics: ['people'], retention: 'short' }),
    defineEvent('user.create', {
      data: z.object({
        name: z.string(),
        role: z.enum(['a', 'b|c']).optional(),
        tags: z.array(z.number()).default([]),
        owner: z.string().nullable(),
        more: z.record(z.string(), z.unknown()),
        any: z.unknown(),
      }),
      describe: '{actor} made *user* {target}\n<b>\u001b\u202e | x_y',
      visibility: 'public',
      persons: ['/data/owner'],
      internal: ['/data/more'],
      parts: { names: ['/data/name'] },
    }),
    defineEvent('machine.stop', {
      version: 2,
      upcast: { 1: data => data },
      data: mute,
      retention: 'ledger',
      describe: '{actor} stopped {target}',
    }),
  ],
  { retention: { short: 1 } },
)

describe('catalogPage', () => {
  it('tells of every type, sorted and by first segment', () => {
    expect(
      catalogPage({ title: 'My *events*', ...types, comment: 'Generated -- do not edit.' }),
    ).toMatchInlineSnapshot(`
      "# My \\*events\\*

      <!-- Generated - - do not edit. -->

      3 event types. A field with \`?\` may be absent. Seen by: the least privileged reader. Kept: the retention class.

      Classes: \`ledger\` for ever, \`short\` 1 day, \`standard\` 180 days.

      ## machine

      | action | sentence | data | seen by | kept | notes |
      | --- | --- | --- | --- | --- | --- |
      | \`machine.stop\` | {actor} stopped {target} | checked by code | owner | ledger | version 2 |

      ## user

      | action | sentence | data | seen by | kept | notes |
      | --- | --- | --- | --- | --- | --- |
      | \`user.create\` | {actor} made \\*user\\* {target} \\<b\\> \\| x\\_y | \`name\` text, \`role\`? \`"a"\` or \`"b\\|c"\`, \`tags\`? list of number, \`owner\` text or null, \`more\` object, \`any\` anything | public | standard | persons: \`/data/owner\`; part names: \`/data/name\`; operators only: \`/data/more\` |
      | \`user.rename\` | {actor} · action · {targets} |  | owner | short | retired: use user.update; also in \`people\` |
      "
    `)
  })

  it('leaves out what no type has', () => {
    const { entries } = catalog(defineEvent('a.b', { describe: '{actor} did {target}' }))
    expect(catalogPage({ title: 'One', types: entries() })).toBe(
      `# One

1 event type. A field with \`?\` may be absent. Seen by: the least privileged reader. Kept: the retention class.

## a

| action | sentence | seen by | kept |
| --- | --- | --- | --- |
| \`a.b\` | {actor} did {target} | owner | standard |
`,
    )
  })
})
