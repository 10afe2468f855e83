import { afterAll, beforeAll } from 'vitest'
import { RpcClient } from './rpc-client.ts'
import { serve, type TestServer } from './serve.ts'

/** A server with a client on its socket, for the tests of the block that this is called in; both are there once its tests run. */
export function serveRpc(): { server: TestServer; client: RpcClient } {
  const served = {} as { server: TestServer; client: RpcClient }
  beforeAll(async () => {
    served.server = await serve()
    served.client = await RpcClient.open(served.server.url, served.server.key)
  })
  afterAll(async () => {
    await served.client[Symbol.asyncDispose]()
    await served.server.close()
  })
  return served
}
