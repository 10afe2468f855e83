import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy of bytes that can break what goes through it. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** `answers`: requests arrive, their answers do not. `all`: nothing is taken. `silent`: requests are taken, and that is all. */
  mode: 'open' | 'answers' | 'all' | 'silent'
  /** Breaks every connection. */
  cut(): void
  /** Connections that were made. */
  readonly connections: number
}

/** Starts a proxy before a server. */
export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer(client => {
    connections += 1
    if (proxy.mode === 'all') {
      client.destroy()
      return
    }
    open.add(client)
    client.on('error', () => {})
    client.on('close', () => open.delete(client))
    if (proxy.mode === 'silent') {
      client.resume()
      return
    }
    const behind = connect(Number(port), hostname)
    behind.on('error', () => client.destroy())
    behind.on('close', () => client.destroy())
    client.on('close', () => behind.destroy())
    client.on('data', bytes => {
      if (proxy.mode === 'all') client.destroy()
      else if (proxy.mode !== 'silent') behind.write(bytes)
    })
    behind.on('data', bytes => {
      if (proxy.mode === 'answers') client.destroy()
      else if (proxy.mode !== 'silent') client.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'open' as CuttingProxy['mode'],
    cut() {
      for (const socket of open) socket.destroy()
    },
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return proxy
}
