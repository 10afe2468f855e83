import type { StoreRunner } from '../store-runner.ts'
import { withService } from './bench.ts'
import { RPC_LAWS } from './rpc-laws.ts'
import type { ServeRpc } from './rpc-service.ts'

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
  })
  return { laws: RPC_LAWS.length }
}
