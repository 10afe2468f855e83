/** The clients of live.ts, in a thread of their own: as little of a client as measuring needs. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { type LiveReport, type LiveTask, MEASURED, PATIENCE_MS } from './live-tasks.ts'

/** Clients that are opened at a time. */
const AT_ONCE = 50

let lags: number[] = []
let delivered = 0
let closing: (() => void)[] = []

parentPort?.on('message', (task: LiveTask) => {
  perform(task).then(
    report => parentPort?.postMessage(report),
    error => {
      throw error
    },
  )
})

async function perform(task: LiveTask): Promise<LiveReport> {
  if (task.what === 'open') await open(task)
  else if (task.what === 'churn') await churn(task)
  else await finish(task.expected)
  return { lags: Float64Array.from(lags), delivered }
}

async function open({
  kind,
  url,
  key,
  topic,
  subscribers,
  warm,
}: LiveTask & { what: 'open' }): Promise<void> {
  lags = []
  delivered = 0
  closing = []
  const every = Math.ceil(subscribers / MEASURED)
  for (let from = 0; from < subscribers; from += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, subscribers - from) }, async (_, nth) => {
        const take = counter((from + nth) % every === 0, warm)
        closing.push(
          kind === 'sse' ? await openSse(url, key, topic, take) : await openRpc(url, key, topic, take),
        )
      }),
    )
  }
}

/** Counts the events of a piece of a stream, and the lag of those that it holds whole. */
function counter(isMeasured: boolean, warm: number): (text: string) => void {
  let seen = 0
  return text => {
    const now = performance.timeOrigin + performance.now()
    for (let at = text.indexOf('"data":{"at":'); at >= 0; at = text.indexOf('"data":{"at":', at + 13)) {
      delivered++
      if (++seen <= warm || !isMeasured) continue
      const due = Number.parseFloat(text.slice(at + 13, at + 40))
      lags.push(now - due)
    }
  }
}

async function openSse(
  url: string,
  key: string,
  topic: string,
  take: (text: string) => void,
): Promise<() => void> {
  const { socket, ready } = sse(url, key, topic)
  await ready
  let rest = ''
  socket.on('data', piece => {
    const text = rest + piece.toString('latin1')
    const end = text.lastIndexOf('\n\n')
    if (end < 0) {
      rest = text
      return
    }
    take(text.slice(0, end))
    rest = text.slice(end)
  })
  return () => socket.destroy()
}

function sse(
  url: string,
  key: string,
  topic: string,
): { readonly socket: Socket; readonly ready: Promise<void> } {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `GET /v1/events/stream?query=topic:${topic} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${key}\r\n\r\n`,
  )
  const ready = new Promise<void>((resolve, reject) => {
    let head = ''
    const look = (piece: Buffer): void => {
      head += piece.toString('latin1')
      if (!head.includes('event: ready')) return
      socket.off('data', look)
      resolve()
    }
    socket.on('data', look)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`closed: ${head}`)))
  })
  return { socket, ready }
}

async function openRpc(
  url: string,
  key: string,
  topic: string,
  take: (text: string) => void,
): Promise<() => void> {
  const socket = await rpc(url, key, topic)
  socket.on('message', data => take(String(data)))
  return () => socket.terminate()
}

async function rpc(url: string, key: string, topic: string): Promise<WebSocket> {
  const socket = new WebSocket(new URL('/v1/rpc', url.replace('http', 'ws')), {
    headers: { Authorization: `Bearer ${key}` },
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => {
      const params = { paths: [topic] }
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'events.subscribe', params }))
    })
    socket.once('message', () => resolve())
    socket.once('error', reject)
  })
  return socket
}

async function churn({ kind, url, key, count }: LiveTask & { what: 'churn' }): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - from) }, async () => {
        if (kind === 'sse') {
          const { socket, ready } = sse(url, key, 'nothing')
          await ready
          socket.destroy()
        } else (await rpc(url, key, 'nothing')).terminate()
      }),
    )
  }
}

async function finish(expected: number): Promise<void> {
  for (let waited = 0; delivered < expected && waited < PATIENCE_MS; waited += 50) await delay(50)
  for (const close of closing) close()
}
