/**
 * A process that reads a log beside its writer and never opens it anew. argv is DIR; each line of stdin is a command, each answer
 * a line of JSON: `find QUERY`, `get INDEX`, `next` of an iterator over everything, `live` of one that follows, `count QUERY`.
 */
import { createInterface } from 'node:readline'
import { openReader } from 'annals'

const reader = await openReader({ dir: process.argv[2] ?? '' })
const stored = reader.events('', { includeLog: true })[Symbol.asyncIterator]()
const live = reader.events('', { includeLog: true, follow: true })[Symbol.asyncIterator]()

const commands: Record<string, (argument: string) => Promise<unknown>> = {
  find: async query => (await reader.find(query, { limit: 1_000, order: 'asc' })).events,
  count: async query => (await reader.count(query)).total,
  get: async index => (await reader.get(Number(index))) ?? null,
  next: async () => (await stored.next()).value ?? null,
  live: async () => (await live.next()).value ?? null,
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', ...rest] = line.split(' ')
  const answer = await commands[name]?.(rest.join(' '))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
await reader.close()
