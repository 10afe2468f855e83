/**
 * Changes or destroys secrets of a log and kills itself in the middle: argv is DIR WHAT OPERATION. Every file operation on
 * `keys/` and `vkey` counts, of a change of keys only those on names; before the one of this number the process dies as a power
 * cut would take it. It prints `done` when there were fewer.
 */
import fs from 'node:fs'
import fsPromises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [dir = '', what = '', operation = ''] = process.argv.slice(2)
let left = Number(operation)
let counting = false

function count(path: unknown): void {
  if (!counting || !/[\\/](?:keys[\\/]|vkey)/.test(String(path)) || --left > 0) return
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

for (const name of ['renameSync', 'linkSync', 'rmSync'] as const) {
  const original = fs[name] as (path: string, ...rest: unknown[]) => void
  Object.assign(fs, {
    [name](path: string, ...rest: unknown[]) {
      count(path)
      original(path, ...rest)
    },
  })
}
for (const name of ['rename', 'rm'] as const) {
  const original = fsPromises[name] as (path: string, ...rest: unknown[]) => Promise<void>
  Object.assign(fsPromises, {
    async [name](path: string, ...rest: unknown[]) {
      count(path)
      await original(path, ...rest)
    },
  })
}
const { open } = fsPromises
const inFiles = what === 'destroy'
Object.assign(fsPromises, {
  async open(path: string, ...rest: []) {
    const handle: FileHandle = await open(path, ...rest)
    for (const name of ['write', 'writeFile', 'sync'] as const) {
      const original = handle[name].bind(handle) as (...args: unknown[]) => Promise<unknown>
      Object.assign(handle, {
        async [name](...args: unknown[]) {
          if (inFiles) count(path)
          return await original(...args)
        },
      })
    }
    return handle
  },
})
syncBuiltinESMExports()

if (what === 'log') {
  const { openTrail } = await import('../../../trail/open-trail.ts')
  const { rotateLogKey } = await import('../../../lifecycle/index.ts')
  const trail = await openTrail({ dir })
  counting = true
  await trail.perform(rotateLogKey, { overlap: 86_400 })
  counting = false
  await trail.close()
} else {
  const { readKeyEncryption } = await import('./key-encryption.ts')
  const { layoutOf } = await import('../layout.ts')
  const layout = layoutOf(dir)
  const kek = await readKeyEncryption(layout)
  if (kek === undefined) throw new Error('no key-encryption key')
  if (what === 'destroy') {
    const { SeedFiles } = await import('./seed-files.ts')
    const seeds = new SeedFiles(layout, kek)
    counting = true
    await seeds.puncture(0, 'standard', [{ offset: 3, kept: ['who'] }])
    await seeds.destroy(0, 'ledger', [7])
  } else {
    const { EmbeddedKeys } = await import('./embedded-keys.ts')
    const keys = await EmbeddedKeys.open(layout, kek, () => 0)
    counting = true
    await keys.kek.rotate(() => {})
    counting = false
    await keys.close()
  }
}
process.stdout.write('done\n')
