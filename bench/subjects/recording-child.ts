/** A server, or the library alone, in a process of its own: `recording-child.ts library|server DIR EVENTS`. */
import { startServer } from '@annals/server'
import { type Draft, openTrail } from 'annals'
import { sampleDrafts } from 'annals/testing'

const [, , kind, dir = '', events] = process.argv
const count = Number(events)
const BATCH = 1_000
/** Batches under way, as many as there are connections. */
const WIDTH = 2

let close: () => Promise<void> = async () => {}
let begun = process.threadCpuUsage()

const commands: Readonly<Record<string, () => Promise<object>>> = {
  async open() {
    if (kind === 'library') return {}
    const server = await startServer({
      dir,
      port: 0,
      log: { level: 'silent' },
      limits: { rate: 1_000_000_000 },
    })
    close = () => server.close()
    return { url: server.url, token: server.key }
  },
  async begin() {
    begun = process.threadCpuUsage()
    return {}
  },
  async end() {
    const { user, system } = process.threadCpuUsage(begun)
    return { cpu: user + system }
  },
  async record() {
    const trail = await openTrail({ dir })
    close = () => trail.close()
    const drafts: readonly Draft[] = [...sampleDrafts({ count: 20_000 })]
    const run = async (total: number): Promise<void> => {
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < total) {
          const from = next % drafts.length
          next += BATCH
          await trail.recordAll(drafts.slice(from, from + BATCH))
        }
      }
      await Promise.all(Array.from({ length: WIDTH }, worker))
    }
    await run(20_000)
    const cpu = process.threadCpuUsage()
    const from = performance.now()
    await run(count)
    const ms = performance.now() - from
    const { user, system } = process.threadCpuUsage(cpu)
    return { rate: (count / ms) * 1000, cpu: (user + system) / count }
  },
  async close() {
    await close()
    return {}
  },
}

process.on('message', (name: string) => {
  const command = commands[name]
  if (command === undefined) throw new TypeError(`no command ${name}`)
  command().then(
    answer => process.send?.(answer),
    error => {
      console.error(error)
      process.exit(1)
    },
  )
})
