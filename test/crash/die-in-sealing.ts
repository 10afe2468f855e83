/**
 * Preloaded into a process and all its threads: kills it in the middle of a file operation of the code that seals, thins, drops
 * or erases. `ANNALS_TEST_DIE_AT` is the number of operations before that; the counter is shared by no threads, since one
 * thread alone does these things.
 */
import fs from 'node:fs'
import fsPromises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

let left = Number(process.env['ANNALS_TEST_DIE_AT'] ?? Number.POSITIVE_INFINITY)
const WATCHED = /\/stores\/embedded\/(sealed|erase)\//

type Any = (this: unknown, ...args: never[]) => unknown

/** Whether this operation is the one to die in. */
function due(): boolean {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 40
  const { stack = '' } = new Error()
  Error.stackTraceLimit = limit
  return WATCHED.test(stack) && --left <= 0
}

/** Dies as a power cut would take the process: no handler runs. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** Dies before an operation. */
function before(target: object, name: string): void {
  const original = (target as Record<string, Any>)[name] as Any
  Object.assign(target, {
    [name](this: unknown, ...args: never[]) {
      if (due()) die()
      return original.apply(this, args)
    },
  })
}

for (const name of [
  'fsyncSync',
  'fdatasyncSync',
  'renameSync',
  'linkSync',
  'rmSync',
  'openSync',
  'copyFileSync',
  'writeFileSync',
])
  before(fs, name)
for (const name of ['rename', 'rm']) before(fsPromises, name)

// A write dies after part of its bytes.
const write = fs.writeSync as (
  fd: number,
  bytes: Buffer,
  at?: number,
  length?: number,
  position?: number | null,
) => number
Object.assign(fs, {
  writeSync(
    fd: number,
    bytes: Buffer,
    at = 0,
    length = bytes.length - at,
    position: number | null = null,
  ): number {
    if (!due()) return write(fd, bytes, at, length, position)
    write(fd, bytes, at, Math.floor(length / 2), position)
    return die()
  },
})

const probe = await fsPromises.open(import.meta.filename, 'r')
const handle = Object.getPrototypeOf(probe) as FileHandle
await probe.close()
for (const name of ['write', 'writeFile', 'sync', 'datasync']) before(handle, name)
syncBuiltinESMExports()
