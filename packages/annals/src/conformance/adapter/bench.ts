import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RequestOptions } from '../../adapters/request/options.ts'
import type { AuditEvent } from '../../model/index.ts'
import { createPolicy, type PolicyDefinition } from '../../policy/index.ts'
import { openMemory } from '../../stores/memory/index.ts'
import { openTrail } from '../../trail/open-trail.ts'
import type { Trail } from '../../trail/trail.ts'
import type { ServiceOptions } from './service.ts'

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A request as a law sends it. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** What the store does from now on: `hung` accepts and does not answer until that changes, `slow` takes a while. */
export interface FaultyStore {
  fault: 'none' | 'failing' | 'hung' | 'slow'
}

/** A trail whose store can be made to fail, and what a service on it does. */
export interface TrailBench {
  readonly trail: Trail
  /** Routes or methods whose handlers have run, in order. */
  readonly ran: readonly string[]
  /** What was reported. */
  readonly errors: readonly Error[]
  readonly store: FaultyStore
  /** The events of the service, oldest first, once there are so many. */
  events(count: number): Promise<readonly AuditEvent[]>
}

/** One service over HTTP with its trail. */
export interface Bench extends TrailBench {
  readonly url: string
  ask(asked: Asked): Promise<Answer>
}

/** How a law wants its service. */
export interface Wish {
  readonly policy?: PolicyDefinition
  // biome-ignore lint/suspicious/noExplicitAny: the request is the framework's
  readonly options?: RequestOptions<any>
}

const MUTATING: PolicyDefinition = { preset: 'mutating' }

/** Runs `work` with a service of its own, on a real trail whose store can be made to fail. */
export async function withService<S extends { close(): Promise<void> }>(
  serve: (options: ServiceOptions) => Promise<S>,
  { policy = MUTATING, options = {} }: Wish,
  work: (bench: TrailBench, service: S) => Promise<void>,
): Promise<void> {
  const store = await openMemory()
  const errors: Error[] = []
  const onError = (error: Error): void => {
    errors.push(error)
  }
  const faulty: FaultyStore = { fault: 'none' }
  const { log } = store
  const append = log.append.bind(log)
  Object.assign(log, {
    append: async (batch: Parameters<typeof append>[0]) => {
      if (faulty.fault === 'failing') throw new Error('the disk is gone')
      if (faulty.fault === 'slow') await delay(SLOW_MS)
      while (faulty.fault === 'hung') await delay(1)
      await append(batch)
    },
  })
  const spool = { dir: await mkdtemp(join(tmpdir(), 'annals-adapter-')) }
  const trail = await openTrail({ store, capture: createPolicy(policy), spool, onError })
  await trail.record('warm.up')
  const ran: string[] = []
  const service = await serve({ trail, options: { onError, ...options }, ran: route => ran.push(route) })
  try {
    await work({ trail, ran, errors, store: faulty, events: count => eventsOf(trail, count) }, service)
  } finally {
    faulty.fault = 'none'
    await service.close()
    await trail.close()
    await rm(spool.dir, { recursive: true })
  }
}

/** Sends one request over a connection of its own. */
export async function ask(url: string, { method, path, headers = {}, body }: Asked): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent = httpRequest(new URL(path, url), { method, headers, agent: false }, answer => {
      const pieces: Buffer[] = []
      answer.on('data', piece => pieces.push(piece))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) }),
      )
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const PATIENCE_MS = 30_000
const SLOW_MS = 40

async function eventsOf(trail: Trail, count: number): Promise<readonly AuditEvent[]> {
  const found: AuditEvent[] = []
  const signal = AbortSignal.timeout(PATIENCE_MS)
  if (count > 0)
    for await (const event of trail.events('NOT action:warm.up', { follow: true, limit: count, signal }))
      found.push(event)
  assert.equal(found.length, count, `${found.length} of ${count} events were recorded in time`)
  // Whatever would be one too many is there by now.
  const { total } = await trail.count('NOT action:warm.up')
  assert.equal(total, count, `${total} events instead of ${count}`)
  return found
}
