/**
 * Archives a log into a directory, and kills itself in the middle: argv is LOG ARCHIVE STEPS. A step is a write, sync, link,
 * renaming or removal of the process's own thread. Prints how many steps it took when it got to the end.
 */
import fs from 'node:fs'
import fsPromises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [dir = '', to = '', killAt = ''] = process.argv.slice(2)
let steps = 0
let armed = false

/** Dies as a power cut would take the process: no handler runs. */
function step(): void {
  if (!armed || ++steps !== Number(killAt)) return
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const probe = await fsPromises.open(dir, 'r')
const handle = Object.getPrototypeOf(probe) as FileHandle
await probe.close()
type Method = (this: unknown, ...args: unknown[]) => unknown
for (const [holder, names] of [
  [handle, ['write', 'writeFile', 'sync', 'datasync', 'truncate']],
  [fsPromises, ['rename', 'link', 'rm', 'mkdir']],
  [fs, ['renameSync', 'rmSync', 'fsyncSync', 'writeSync']],
] as const) {
  for (const name of names) {
    const original = (holder as unknown as Record<string, Method>)[name] as Method
    Object.assign(holder, {
      [name](this: unknown, ...args: unknown[]) {
        step()
        return original.apply(this, args)
      },
    })
  }
}
syncBuiltinESMExports()

const { openTrail } = await import('annals')
const { openEmbedded } = await import('annals/stores/embedded')
const { archive } = await import('annals/lifecycle')
const trail = await openTrail({ store: await openEmbedded({ dir }), sealing: 'manual' })
armed = true
const run = await trail.perform(archive, { archive: { kind: 'directory', dir: to }, dropAfter: 0 })
armed = false
await trail.close()
fs.writeSync(1, JSON.stringify({ steps, run }))
