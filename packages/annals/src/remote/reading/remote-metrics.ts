import type { Measured, MetricName, MetricQuery, MetricStream, MetricsOptions } from '../../measure/index.ts'
import { backoffMs, pause } from '../../record/backoff.ts'
import type { HttpClient } from '../http-client.ts'
import { RemoteError } from '../remote-error.ts'
import { RpcSocket } from './rpc-socket.ts'

/** Measures once. */
export async function measureRemotely<N extends MetricName>(
  client: HttpClient,
  name: N,
  window: MetricQuery<N> | undefined,
): Promise<Measured<N>> {
  using socket = await RpcSocket.open(client)
  return (await socket.call('metrics.get', { metric: name, ...window })) as unknown as Measured<N>
}

/** Watches a metric, also over a server that was restarted: then it begins with how it is. */
export function watchRemotely<N extends MetricName>(
  client: HttpClient,
  name: N,
  window: MetricQuery<N> | undefined,
  { everyMs, signal }: MetricsOptions,
  closed: AbortSignal,
): MetricStream<N> {
  const params = { metric: name, ...window, ...(everyMs === undefined ? {} : { everyMs }) }
  return {
    [Symbol.asyncIterator]() {
      const stop = new AbortController()
      const end = (): void => stop.abort()
      const values = watch<N>(client, params, stop.signal)
      for (const one of [closed, ...(signal === undefined ? [] : [signal])]) {
        if (one.aborted) end()
        else one.addEventListener('abort', end, { once: true })
      }
      return {
        next: () => values.next(),
        async return() {
          end()
          return await values.return()
        },
        [Symbol.asyncIterator]() {
          return this
        },
      } as AsyncIterableIterator<Measured<N>>
    },
  }
}

async function* watch<N extends MetricName>(
  client: HttpClient,
  params: object,
  signal: AbortSignal,
): AsyncGenerator<Measured<N>, void, undefined> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      using socket = await RpcSocket.open(client)
      const close = (): void => socket[Symbol.dispose]()
      signal.addEventListener('abort', close, { once: true })
      await socket.call('metrics.subscribe', params)
      for (;;) {
        const { method, params: told } = await socket.next()
        if (method === 'metrics.value') {
          tries = 0
          yield measuredIn<N>(told)
        } else if (method === 'metrics.end') break
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof RemoteError) || !error.transient) throw error
    }
    await pause(backoffMs(tries), signal)
  }
}

function measuredIn<N extends MetricName>(params: Readonly<Record<string, unknown>>): Measured<N> {
  const { subscription: _, ...measured } = params
  return measured as unknown as Measured<N>
}
