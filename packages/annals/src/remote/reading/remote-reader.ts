import { type Catalog, catalogFromManifest, createCatalog, describe } from '../../catalog/index.ts'
import type { Measured, MetricName, MetricQuery, MetricStream, MetricsOptions } from '../../measure/index.ts'
import { AnnalsError, type AuditEvent } from '../../model/index.ts'
import { type GroupBy, parseQuery } from '../../query/index.ts'
import type {
  CatalogListing,
  CountOptions,
  Counts,
  EventStream,
  EventsOptions,
  FindOptions,
  Found,
  ReadOptions,
  ReceiptOptions,
  Seek,
  TrailReader,
} from '../../trail/trail.ts'
import type { HttpClient, RemoteRequest } from '../http-client.ts'
import { notUnderstood } from '../remote-error.ts'
import { eventPages } from './event-pages.ts'
import { RemoteEventStream } from './event-stream.ts'
import { followEvents } from './live-events.ts'
import { measureRemotely, watchRemotely } from './remote-metrics.ts'

type Parameters = NonNullable<RemoteRequest['query']>

/** The reading half of a trail, asked of a server. It shows what the token may see. */
export class RemoteReader implements TrailReader {
  protected readonly client: HttpClient
  readonly #ended = new AbortController()
  /** Event types that describe events: the application's own, else those of the log, once they were asked for. */
  #catalog: Catalog | undefined
  #asked: Promise<void> | undefined
  #size = 0

  constructor(client: HttpClient, catalog: Catalog | undefined) {
    this.client = client
    this.#catalog = catalog
  }

  /** Size of the log when it last answered. */
  get size(): number {
    return this.#size
  }

  events(query = '', options: EventsOptions = {}): EventStream {
    parseQuery(query)
    const { follow = false, order = 'asc', limit = Number.POSITIVE_INFINITY, signal } = options
    if (order !== 'asc' && order !== 'desc')
      throw new TypeError(`order ${JSON.stringify(order)}: 'asc' or 'desc'`)
    if (follow && order === 'desc') throw new TypeError('a live reader is ascending')
    if (!(limit >= 0) || (Number.isFinite(limit) && !Number.isInteger(limit)))
      throw new TypeError(`limit ${limit}: a whole number from 0`)
    if (follow && (options.now !== undefined || options.asOf !== undefined))
      throw new AnnalsError('ANNALS_UNSUPPORTED', 'A stream over a server is of the log as it is now.')
    const signals = [this.#ended.signal, ...(signal === undefined ? [] : [signal])]
    return new RemoteEventStream(ended => {
      const parameters = readParameters(query, options)
      // One moment for all pages, or a query that speaks of now would mean something else on each.
      const now = parameters['now'] ?? new Date().toISOString()
      return this.#describable(
        follow
          ? followEvents(this.client, { query: parameters, limit }, ended)
          : eventPages(page => this.#find({ ...parameters, now, order, ...page }, ended), limit),
      )
    }, signals)
  }

  async find(query = '', options: FindOptions = {}): Promise<Found> {
    const asked = this.#askCatalog()
    const { order, limit, cursor, at, signal } = options
    const found = await this.#find(
      { ...readParameters(query, options), order, limit, cursor, at: seekText(at) },
      signal,
    )
    await asked
    return found
  }

  async count(query = '', by: readonly GroupBy[] = [], options: CountOptions = {}): Promise<Counts> {
    const fields = by.map(field => {
      if (typeof field === 'string') return field
      throw new AnnalsError('ANNALS_UNSUPPORTED', 'Spans of time cannot be counted over a server.', {
        hint: 'Group by minute, hour, day or month.',
      })
    })
    const { most = MOST_COUNTED, each, signal } = options
    const counted = await this.#json<Counts>(
      '/v1/count',
      {
        ...readParameters(query, options),
        by: fields.length === 0 ? undefined : fields.join(','),
        most,
        each,
      },
      signal,
    )
    const { total, groups, other, complete, through, asOf } = counted
    return {
      total,
      groups,
      complete,
      asOf,
      ...(other === undefined ? {} : { other }),
      ...(through === undefined ? {} : { through }),
    }
  }

  async get(at: string | number): Promise<AuditEvent | undefined> {
    const asked = this.#askCatalog()
    try {
      const { event } = await this.#json<{ readonly event: AuditEvent }>(
        `/v1/events/${encodeURIComponent(at)}`,
      )
      await asked
      return event
    } catch (error) {
      if (error instanceof AnnalsError && error.code === 'ANNALS_NOT_FOUND') return undefined
      throw error
    }
  }

  async receipt(at: string | number, { disclose = [] }: ReceiptOptions = {}): Promise<string> {
    const parts = disclose === 'all' ? 'all' : disclose.join(',')
    return await this.client.askPatiently(
      {
        path: `/v1/events/${encodeURIComponent(at)}/receipt`,
        query: { disclose: parts === '' ? undefined : parts },
      },
      answer => answer.text(),
    )
  }

  async checkpoint(): Promise<Uint8Array | undefined> {
    try {
      return await this.client.askPatiently(
        { path: '/v1/checkpoint' },
        async answer => new Uint8Array(await answer.arrayBuffer()),
      )
    } catch (error) {
      if (error instanceof AnnalsError && error.code === 'ANNALS_NOT_FOUND') return undefined
      throw error
    }
  }

  async catalog(options: Pick<CountOptions, 'most' | 'signal'> = {}): Promise<readonly CatalogListing[]> {
    const { entries } = await this.#json<{ readonly entries: readonly CatalogListing[] }>(
      '/v1/catalog',
      { most: options.most ?? MOST_COUNTED },
      options.signal,
    )
    return entries
  }

  async metric<N extends MetricName>(name: N, window?: MetricQuery<N>): Promise<Measured<N>> {
    return await measureRemotely(this.client, name, window)
  }

  metrics<N extends MetricName>(
    name: N,
    window?: MetricQuery<N>,
    options: MetricsOptions = {},
  ): MetricStream<N> {
    return watchRemotely(this.client, name, window, options, this.#ended.signal)
  }

  /** What a server says of its own log proves nothing: checking is for those who have its bytes. */
  verify(): ReturnType<TrailReader['verify']> {
    return Promise.reject(
      new AnnalsError('ANNALS_UNSUPPORTED', 'A server cannot vouch for its own log.', {
        hint: 'Verify receipts or an evidence bundle here, with the key of the log (verifyReceipt, verifyEvidence).',
      }),
    )
  }

  describe(event: AuditEvent): string {
    return describe(event, this.#catalog ?? OPEN)
  }

  async close(): Promise<void> {
    this.#ended.abort()
    this.client.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #find(parameters: Parameters, signal: AbortSignal | undefined): Promise<Found> {
    const { events, next, previous, asOf, watermark } = await this.#json<Found>(
      '/v1/events',
      parameters,
      signal,
    )
    return {
      events,
      asOf,
      watermark,
      ...(next === undefined ? {} : { next }),
      ...(previous === undefined ? {} : { previous }),
    }
  }

  async #json<T extends object>(path: string, query: Parameters = {}, signal?: AbortSignal): Promise<T> {
    const value = await this.client.askPatiently({ path, query, signal }, async answer => {
      try {
        return (await answer.json()) as T & { readonly asOf?: unknown }
      } catch (error) {
        if (error instanceof SyntaxError) throw notUnderstood('it is no JSON')
        throw error
      }
    })
    if (typeof value.asOf === 'number') this.#size = Math.max(this.#size, value.asOf)
    return value
  }

  /** Events, once they can be described. */
  async *#describable(
    pages: AsyncIterable<readonly AuditEvent[]>,
  ): AsyncGenerator<readonly AuditEvent[], void, undefined> {
    const asked = this.#askCatalog()
    for await (const page of pages) {
      await asked
      yield page
    }
  }

  /** Asks once for the types that events are described by, beside the first reading. Without them the sentences are generic. Never rejects. */
  async #askCatalog(): Promise<void> {
    if (this.#catalog !== undefined) return
    this.#asked ??= this.catalog({ most: 0 })
      .then(entries => {
        this.#catalog ??= catalogOf(entries)
      })
      .catch(() => {})
    await this.#asked
  }
}

/** A server that is told no bound has one of its own; this is the highest that it takes. */
const MOST_COUNTED = 100_000_000

const OPEN: Catalog = createCatalog([], { open: true })

function catalogOf(listing: readonly CatalogListing[]): Catalog {
  const entries = listing.filter(({ declared }) => declared)
  return catalogFromManifest({ v: 1, open: true, personTypes: ['user'], retention: {}, entries })
}

function readParameters(query: string, options: ReadOptions): Parameters {
  const { seek, seekEnd, includeLog, timeZone, now, asOf } = options
  return {
    query: query === '' ? undefined : query,
    seek: seekText(seek),
    seekEnd: seekText(seekEnd),
    includeLog,
    timeZone,
    now: now?.toISOString(),
    asOf,
  }
}

function seekText(seek: Seek | undefined): string | number | undefined {
  return seek instanceof Date ? seek.toISOString() : seek
}
