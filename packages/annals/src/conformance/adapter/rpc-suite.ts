import assert from 'node:assert/strict'
import type { StoreRunner } from '../store-runner.ts'
import { withService } from './bench.ts'
import { RPC_LAWS } from './rpc-laws.ts'
import type { ServeRpc, TriedRpc } from './rpc-service.ts'
import { STORM_LAWS } from './storm-laws.ts'

/** How {@link testRpcAdapter} gets at what it tests. */
export interface RpcAdapterSuite {
  readonly name: string
  /** Starts the tried service on the adapter, see {@link TriedRpc} for its methods. */
  readonly serve: ServeRpc
}

/**
 * Registers a test for every promise of an adapter that records remote procedure calls, on real sockets.
 *
 * @returns how many laws are tested
 * @example
 * ```ts
 * testRpcAdapter({ describe, it }, { name: 'grpc', serve })
 * ```
 */
export function testRpcAdapter(
  { describe, it }: StoreRunner,
  { name, serve }: RpcAdapterSuite,
): { readonly laws: number } {
  describe(`adapter ${name}`, () => {
    for (const { title, wish, prove } of RPC_LAWS)
      it(title, () =>
        withService(serve, { policy: { preset: 'all' }, ...wish }, (bench, service) =>
          prove({ ...bench, call: asked => service.call(asked) }),
        ),
      )
    for (const { title, wish, prove } of STORM_LAWS)
      it(title, () => withService(serve, wish, (bench, service) => prove(bench, () => send(service))))
  })
  return { laws: RPC_LAWS.length + STORM_LAWS.length }
}

const OK = 0
const UNAVAILABLE = 14

async function send(service: TriedRpc): Promise<'done' | 'refused'> {
  const { code } = await service.call({ method: 'Find' })
  assert.ok(code === OK || code === UNAVAILABLE, `answered ${code}`)
  return code === OK ? 'done' : 'refused'
}
