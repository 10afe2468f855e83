import assert from 'node:assert/strict'
import type { StoreRunner } from '../store-runner.ts'
import { ask, withService } from './bench.ts'
import { FAULT_LAWS } from './fault-laws.ts'
import { HTTP_CALLER_LAWS } from './http-caller-laws.ts'
import { HTTP_LAWS } from './http-laws.ts'
import type { ServiceOptions, TriedService } from './service.ts'
import { STORM_LAWS } from './storm-laws.ts'

const LAWS = [...HTTP_LAWS, ...HTTP_CALLER_LAWS, ...FAULT_LAWS]

/** How {@link testHttpAdapter} gets at what it tests. */
export interface HttpAdapterSuite {
  readonly name: string
  /** Starts the tried service on the adapter, see {@link TriedService} for its routes. */
  readonly serve: (options: ServiceOptions) => Promise<TriedService>
}

/**
 * Registers a test for every promise of an adapter that records requests over HTTP, on real sockets.
 *
 * @returns how many laws are tested
 * @example
 * ```ts
 * testHttpAdapter({ describe, it }, { name: 'express', serve })
 * ```
 */
export function testHttpAdapter(
  { describe, it }: StoreRunner,
  { name, serve }: HttpAdapterSuite,
): { readonly laws: number } {
  describe(`adapter ${name}`, () => {
    for (const { title, wish = {}, prove } of LAWS)
      it(title, () =>
        withService(serve, wish, (bench, { url }) => prove({ ...bench, url, ask: asked => ask(url, asked) })),
      )
    for (const { title, wish, prove } of STORM_LAWS)
      it(title, () => withService(serve, wish, (bench, { url }) => prove(bench, () => send(url))))
  })
  return { laws: LAWS.length + STORM_LAWS.length }
}

async function send(url: string): Promise<'done' | 'refused'> {
  const { status } = await ask(url, { method: 'POST', path: '/v1/machine/m7/free' })
  assert.ok(status === 200 || status === 503, `answered ${status}`)
  return status === 200 ? 'done' : 'refused'
}
