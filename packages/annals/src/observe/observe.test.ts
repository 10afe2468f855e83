import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { AuditEvent } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import type { Trail } from '../trail/trail.ts'
import { type Observation, observe } from './observe.ts'

type Machine = Record<string, unknown> & { id: string }

/** A source of truth with a trail, and an observer that polls when it is told. */
async function scene(): Promise<{
  trail: Trail
  machines: Map<string, Machine>
  file: string
  errors: Error[]
  start(list?: () => Promise<Machine[]>): Promise<Observation>
  observed(): Promise<AuditEvent[]>
}> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-observe-'))
  const trail = await openTrail({ store: await openMemory() })
  onTestFinished(async () => {
    await trail.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const machines = new Map<string, Machine>()
  const file = join(dir, 'machines.json')
  const errors: Error[] = []
  return {
    trail,
    machines,
    file,
    errors,
    async start(list = async () => [...machines.values()]) {
      const observation = await observe(trail, {
        list,
        key: machine => machine.id,
        type: 'machine',
        every: 1_000_000,
        file,
        onError: error => errors.push(error),
      })
      onTestFinished(() => observation.stop())
      await observation.poll()
      return observation
    },
    observed: async () => await Array.fromAsync(trail.events('action:machine.observed')),
  }
}

it('the first poll is a baseline; then created, changed and removed are told apart, with before and after', async () => {
  const { machines, start, observed } = await scene()
  machines.set('a', { id: 'a', size: 1, tags: ['x'], 'dotted.key': { deep: null } })
  machines.set('b', { id: 'b' })
  const observation = await start()
  expect(await observed()).toEqual([])
  machines.set('a', { id: 'a', size: 2, tags: ['x', 'y'], 'dotted.key': {} })
  machines.delete('b')
  machines.set('__proto__', JSON.parse('{"id":"__proto__","__proto__":1}') as Machine)
  await observation.poll()
  expect(await observed()).toMatchObject([
    {
      actor: { type: 'unknown', id: '' },
      targets: [{ type: 'machine', id: 'a' }],
      tags: { observed: 'changed' },
      changes: [
        { path: '/size', op: 'replace', before: 1, after: 2 },
        { path: '/tags/1', op: 'add', after: 'y' },
        { path: '/dotted.key/deep', op: 'remove', before: null },
      ],
    },
    {
      targets: [{ id: '__proto__' }],
      tags: { observed: 'created' },
      changes: [
        { path: '/id', op: 'add', after: '__proto__' },
        { path: '/__proto__', op: 'add', after: 1 },
      ],
    },
    {
      targets: [{ id: 'b' }],
      tags: { observed: 'removed' },
      changes: [{ path: '/id', op: 'remove', before: 'b' }],
    },
  ])
  await observation.poll()
  expect(await observed()).toHaveLength(3)
})

it('an operation on the same target since the last poll, or one under way, explains a change', async () => {
  const { trail, machines, start, observed } = await scene()
  for (const id of ['a', 'b', 'c*']) machines.set(id, { id, size: 1 })
  const observation = await start()
  await trail.record('machine.resize', { targets: [{ type: 'machine', id: 'a' }] })
  const operation = await trail.begin('machine.resize', { targets: [{ type: 'machine', id: 'b' }] })
  await observation.poll()
  for (const id of ['a', 'b', 'c*']) machines.set(id, { id, size: 2 })
  await observation.poll()
  // That of `a` explained the poll before; that of `b` is not over.
  expect((await observed()).map(({ targets }) => targets[0]?.id)).toEqual(['a', 'c*'])
  await operation.finish('success')
  machines.set('a', { id: 'a', size: 3 })
  await trail.record('machine.resize', { targets: [{ type: 'machine', id: 'a' }] })
  await observation.poll()
  expect(await observed()).toHaveLength(2)
})

it('kept states outlive a restart: what changed meanwhile is observed once', async () => {
  const { machines, file, start, observed } = await scene()
  machines.set('a', { id: 'a', size: 1 })
  await (await start()).stop()
  const before = readFileSync(file)
  machines.set('a', { id: 'a', size: 2 })
  await (await start()).stop()
  expect(await observed()).toHaveLength(1)
  // As a crash leaves it between the record and the file.
  writeFileSync(file, before)
  await (await start()).stop()
  expect(await observed()).toHaveLength(1)
  writeFileSync(file, 'torn')
  await expect(start()).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
})

it('a list that fails is reported, and is no deletion; neither are double keys', async () => {
  const { machines, errors, start, observed } = await scene()
  machines.set('a', { id: 'a' })
  let answer = async (): Promise<Machine[]> => [...machines.values()]
  const observation = await start(() => answer())
  answer = async () => {
    throw new Error('the cloud is away')
  }
  await observation.poll()
  answer = async () => [{ id: 'x' }, { id: 'x' }]
  await observation.poll()
  answer = async () => undefined as never
  await observation.poll()
  expect(errors.map(error => error.message)).toEqual([
    'the cloud is away',
    'observe: two items have the key "x"',
    'observe: list gave no array',
  ])
  expect([observation.failed, observation.recorded, await observed()]).toEqual([3, 0, []])
})

it('polls never overlap, and stop waits for the one under way', async () => {
  const { machines, start, observed } = await scene()
  machines.set('a', { id: 'a', size: 1 })
  let [running, most, polls] = [0, 0, 0]
  const observation = await start(async () => {
    most = Math.max(most, ++running)
    await new Promise(resolve => setTimeout(resolve, 5))
    running--
    polls++
    return [...machines.values()]
  })
  await Promise.all([observation.poll(), observation.poll(), observation.poll()])
  expect([most, polls]).toEqual([1, 2])
  machines.set('a', { id: 'a', size: 2 })
  const last = observation.poll()
  await observation.stop()
  await last
  await observation.poll()
  expect(running).toBeLessThanOrEqual(1)
  expect((await observed()).length).toBeLessThanOrEqual(1)
})
