/**
 * Seals and removes what is due, and dies between two of its steps: argv is DIR TIME [STEPS before it kills itself]. Without STEPS
 * it goes through and prints their number.
 */
import type { Store } from '../../packages/annals/src/log/store.ts'

const [dir = '', time = '', dieAt = ''] = process.argv.slice(2)
let steps = 0

/** Dies as a power cut would take the process: no handler runs. */
function step(): void {
  steps++
  if (String(steps) !== dieAt) return
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** Makes each of these calls a step: what follows it may never come. */
function stepping<T extends object>(target: T, names: readonly string[]): T {
  return new Proxy(target, {
    get(from, name) {
      const value = Reflect.get(from, name, from) as unknown
      if (typeof value !== 'function') return value
      if (!names.includes(String(name))) return value.bind(from)
      return async (...args: unknown[]) => {
        const result: unknown = await value.apply(from, args)
        step()
        return result
      }
    },
  })
}

const { openTrail } = await import('annals')
const { retentionRun } = await import('annals/lifecycle')
const { openEmbedded } = await import('annals/stores/embedded')
const now = Date.parse(time)
const store = await openEmbedded({ dir, clock: () => now })
const parts: Partial<Store> = {
  log: stepping(store.log, ['append', 'publish', 'keep', 'seal', 'thin', 'drop']),
  keys: stepping(store.keys, ['destroyClass', 'setApplied']),
  signer: stepping(store.signer, ['sign']),
}
const stepped = new Proxy(store, {
  get(from, name) {
    const value = Reflect.get(name in parts ? parts : from, name, name in parts ? parts : from) as unknown
    if (typeof value !== 'function') return value
    return name === 'setApplied'
      ? async (position: number) => {
          await from.setApplied(position)
          step()
        }
      : value.bind(from)
  },
})
const trail = await openTrail({
  store: stepped,
  clocks: { wall: () => now, mono: () => 0 },
  sealing: 'manual',
})
await trail.perform(retentionRun, {})
process.stdout.write(String(steps))
await trail.close()
