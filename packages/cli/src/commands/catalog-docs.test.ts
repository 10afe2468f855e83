import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { annalsHere } from '../testing/in-process.ts'
import { recordInto, someDrafts } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()
const ANNALS = JSON.stringify(import.meta.resolve('annals'))

test('writes a page about the types of a package', async () => {
  const { code, stdout } = await annals(['catalog', 'docs', 'annals/catalogs/instances', '--title', 'Ours'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^# Ours\n\n42 event types\./)
  expect(stdout).toContain(
    '| `instance.resize` | {actor} resized instance {target} to {data.package} | `package` text | owner | standard |',
  )
})

test('writes a page about the catalog, the types and the lists of types that a TypeScript file exports, each once', async () => {
  const dir = temporary()
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(dir, 'events.ts'),
    `import { createCatalog, defineEvent, type EventType } from ${ANNALS}
const stop: EventType = defineEvent('job.stop')
export const start = defineEvent('job.start', { retention: 'brief' })
export const nested = [[stop], defineEvent('job.retry')]
export const all = createCatalog([start, stop], { retention: { brief: 3 } })
export const other = { action: 'job.none' }
`,
  )
  const { code, stdout } = await annals(['catalog', 'docs', './events.ts'], { cwd: dir })
  expect(code).toBe(0)
  expect(stdout.match(/`job\.\w+`/g)).toEqual(['`job.retry`', '`job.start`', '`job.stop`'])
  expect(stdout).toContain('Classes: `brief` 3 days, `standard` 180 days.')
})

test('writes a page about the types of a log', async () => {
  const dir = temporary()
  await recordInto(dir, someDrafts(4))
  const { code, stdout } = await annalsHere(['catalog', 'docs', '--dir', dir])
  expect(code).toBe(0)
  expect(stdout).toContain('| `test.event` |')
})

test('says what is wrong with a module', async () => {
  const dir = temporary()
  mkdirSync(join(dir, 'none'))
  writeFileSync(join(dir, 'none/index.mjs'), 'export const action = "a.b"')
  writeFileSync(join(dir, 'broken.mjs'), 'throw new Error("not today")')
  const missing = await annalsHere(['catalog', 'docs', join(dir, 'missing.ts')])
  expect(missing).toMatchObject({ code: 4, stdout: '' })
  expect(missing.stderr).toContain('no module')
  const broken = await annalsHere(['catalog', 'docs', join(dir, 'broken.mjs')])
  expect(broken).toMatchObject({ code: 1, stdout: '' })
  expect(broken.stderr).toContain('not today')
  const empty = await annalsHere(['catalog', 'docs', join(dir, 'none/index.mjs')])
  expect(empty).toMatchObject({ code: 2, stdout: '' })
  expect(empty.stderr).toContain('exports no event type')
})
