import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** A TCP proxy in front of a server, that does to connections what networks do. */
export interface CuttingProxy {
  readonly endpoint: string
  /** Breaks every connection once so many bytes have gone to the server since this call. */
  cutAfter(bytes: number): void
  /** Alters every object that is read from now on. */
  alterBodies(): void
  close(): Promise<void>
}

export async function cuttingProxy(port: number): Promise<CuttingProxy> {
  let left = Number.POSITIVE_INFINITY
  let alters = false
  const open = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      // A connection that is broken on purpose says so to both ends.
      socket.on('error', () => {})
    }
    // One request at a time goes over a connection.
    let readsObject = false
    const cut = (): void => {
      client.resetAndDestroy()
      upstream.destroy()
    }
    client.on('data', bytes => {
      if (left <= 0) return cut()
      const request = /^([A-Z]+) (\S+) HTTP/.exec(bytes.toString('latin1', 0, 2_000))
      if (request !== null)
        readsObject = request[1] === 'GET' && !/[?&](?:list-type|object-lock)/.test(request[2] ?? '')
      const passed = bytes.subarray(0, Math.min(left, bytes.length))
      left -= bytes.length
      upstream.write(passed)
      if (left <= 0) cut()
    })
    client.on('end', () => upstream.end())
    upstream.pipe(altering(() => alters && readsObject)).pipe(client)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port: own } = server.address() as { port: number }
  return {
    endpoint: `http://127.0.0.1:${own}`,
    cutAfter(bytes) {
      left = bytes
    },
    alterBodies() {
      alters = true
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Alters the last byte of every piece of a body. */
function altering(on: () => boolean): Transform {
  return new Transform({
    transform(bytes: Buffer, _, done) {
      const head = bytes.toString('latin1', 0, 5) === 'HTTP/' ? bytes.indexOf('\r\n\r\n') + 4 : 0
      if (!on() || head >= bytes.length) return done(null, bytes)
      const altered = Buffer.from(bytes)
      altered.writeUInt8(altered.readUInt8(altered.length - 1) ^ 1, altered.length - 1)
      done(null, altered)
    },
  })
}
