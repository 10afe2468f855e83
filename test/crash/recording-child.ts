/**
 * Records without end, telling each acknowledgement on stdout as `seq index id`. Killed from outside, or by itself in the
 * middle of a file operation: argv is DIR [OPERATIONS before it kills itself].
 */
import fs from 'node:fs'
import fsPromises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [dir = '', killAt = ''] = process.argv.slice(2)
let left = killAt === '' ? Number.POSITIVE_INFINITY : Number(killAt)

/** Dies as a power cut would take the process: no handler runs. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

// Every write, sync, truncation and renaming is a place to die at; a write dies after part of its bytes.
const probe = await fsPromises.open(dir, 'r')
const handle = Object.getPrototypeOf(probe) as FileHandle
await probe.close()
const write = handle.write as (
  this: FileHandle,
  bytes: Buffer,
  at: number,
  length: number,
  position: number,
) => Promise<unknown>
Object.assign(handle, {
  async write(this: FileHandle, bytes: Buffer, at: number, length: number, position: number) {
    if (--left <= 0) {
      await write.call(this, bytes, at, Math.floor(length * Math.random()), position)
      die()
    }
    return await write.call(this, bytes, at, length, position)
  },
})
for (const name of ['sync', 'datasync', 'truncate'] as const) {
  const original = handle[name] as (this: FileHandle, ...args: unknown[]) => Promise<unknown>
  Object.assign(handle, {
    [name](this: FileHandle, ...args: unknown[]) {
      if (--left <= 0) die()
      return original.apply(this, args)
    },
  })
}
const { rename } = fsPromises
fsPromises.rename = async (from, to) => {
  if (--left <= 0) die()
  await rename(from, to)
  if (--left <= 0) die()
}
syncBuiltinESMExports()

const { openTrail } = await import('annals')
const { openEmbedded } = await import('annals/stores/embedded')
// An hour of this clock passes in 200 ms, so that chunks rotate while it records; it stands still between two batches, or a
// checkpoint would be hours younger than its last entry.
const begun = { wall: Date.now(), mono: performance.now() }
let elapsed = 0
const fast = (): number => elapsed
let start = begun.wall
const wall = (): number => start + fast()
const store = await openEmbedded({ dir, period: 'hour', segments: { events: 700 }, clock: wall })
start = Math.max(start, (await store.log.open()).lastTime)
const trail = await openTrail({ store, clocks: { wall, mono: fast } })

let seq = trail.size * 1000
for (;;) {
  elapsed = (performance.now() - begun.mono) * 18_000
  const drafts = Array.from({ length: 1 + Math.floor(Math.random() * 200) }, () => {
    const n = seq++
    return {
      action: `crash.step${n % 7}`,
      actor: { type: 'user', id: `u${n % 3 === 0 ? n : n % 50}`, name: 'Zoë' },
      targets: [{ type: 'machine', id: `m${n % 20}` }],
      data: { seq: n },
      ...(n % 5 === 0 ? { id: `key-${n}` } : {}),
    }
  })
  const answers = await trail.recordAll(drafts)
  let lines = ''
  for (const [i, answer] of answers.entries()) {
    if ('error' in answer) throw answer.error
    lines += `${drafts[i]?.data.seq} ${answer.index} ${answer.id}\n`
  }
  fs.writeSync(1, lines)
}
