import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type LocalTrail, openTrail } from 'annals'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { ApiKeys } from './access/api-keys.ts'
import { openAccess } from './access/open-access.ts'
import { ReadingRecord } from './access/reading-record.ts'
import { createApp } from './app.ts'
import { Gaps } from './gaps/gaps.ts'
import { Certificate } from './http/certificate.ts'
import { openApiOf } from './http/openapi.ts'
import { type StopHow, stopListening } from './http/stop.ts'
import { Acts } from './lifecycle/acts.ts'
import { runFile } from './lifecycle/run-memory.ts'
import { Schedule } from './lifecycle/schedule.ts'
import { tasksOf } from './lifecycle/tasks.ts'
import { LiveStreams } from './live/live-streams.ts'
import { CallRate } from './live/rpc/call-rate.ts'
import { Sockets } from './live/rpc/sockets.ts'
import { createLog } from './log/create-log.ts'
import { ServerMetrics } from './metrics/server-metrics.ts'
import { ROUTES } from './routes/index.ts'
import { type Settings, type SettingsGiven, settingsSchema } from './settings/settings.ts'
import { ServerStatus } from './status/server-status.ts'
import { VERSION } from './status/version.ts'

/** Clients that died leave attempts open: an operation that takes longer is told as unknown. */
const OPERATION_TIMEOUT_MS = 3_600_000

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  /** The administrator's key, of the first start of a directory only. Shown once, kept nowhere. */
  readonly key: string | undefined
  readonly trail: LocalTrail
  readonly keys: ApiKeys
  /** Streams, subscriptions and sockets that are open. */
  readonly live: Pick<LiveStreams, 'open'>
  /** Reads the certificate anew, if there is one. */
  reload(): Promise<void>
  /** Ends streams, answers what is under way, then closes the log. `now` answers nothing any more, also when it has begun to drain. */
  close(how?: StopHow): Promise<void>
}

/**
 * Opens a directory and serves it.
 *
 * @throws AnnalsError ANNALS_LOCKED when another process writes it, and what openTrail throws
 * @example
 * ```ts
 * const server = await startServer({ dir: './annals-data', port: 0 })
 * console.log(server.url, server.key)
 * ```
 */
export async function startServer(
  given: { readonly dir: string } & SettingsGiven,
  more: { readonly log?: Logger | undefined } = {},
): Promise<RunningServer> {
  const settings = settingsSchema.parse(given)
  const log = more.log ?? createLog(settings.log.level)
  const metrics = new ServerMetrics()
  const certificate = settings.tls === undefined ? undefined : await Certificate.load(settings.tls, log)
  const trail = await openTrail({
    dir: settings.dir,
    operationTimeoutMs: OPERATION_TIMEOUT_MS,
    onRecorded: () => metrics.recorded(),
    onNotice: notice => log.warn(notice),
    onError: error => log.error({ err: error }, 'a background task failed'),
  })
  try {
    const access = await openAccess(trail, settings, log)
    const { keys, credentials } = access
    const first =
      keys.list.length === 0 ? await keys.create({ name: 'administrator', role: 'operator' }) : undefined
    const live = new LiveStreams(credentials, settings.live.most)
    const memory = runFile(join(settings.dir, 'schedule.json'))
    const schedule = await Schedule.open(tasksOf(trail, settings), memory, log)
    const status = new ServerStatus({ trail, dir: settings.dir, live, keys, schedule })
    const app = await createApp(
      {
        trail,
        settings,
        ...access,
        live,
        sockets: new Sockets(settings.live.message),
        calls: new CallRate(settings.limits.rate),
        reading: new ReadingRecord(trail, log),
        log,
        gaps: await Gaps.open(trail, log),
        metrics,
        acts: new Acts(trail, settings, log),
        status,
        document: JSON.stringify(openApiOf(ROUTES, VERSION)),
      },
      certificate,
    )
    metrics.measure({
      status: status.trail,
      listeners: () => trail.listeners,
      streams: () => live.open,
      connections: () => promisify(app.server.getConnections.bind(app.server))(),
    })
    await listen(app, settings)
    certificate?.follow(app.server as Server)
    schedule.start()
    const { port } = app.server.address() as AddressInfo
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
    let closing: Promise<void> | undefined
    const close = async (): Promise<void> => {
      certificate?.close()
      try {
        await stopListening(app, settings.limits.drainSeconds)
        await schedule.close()
      } finally {
        await trail.close()
      }
    }
    return {
      url: `http${certificate === undefined ? '' : 's'}://${host}:${port}`,
      key: first?.token,
      trail,
      keys,
      live,
      reload: async () => await certificate?.reload(),
      close(how = 'drain') {
        closing ??= close()
        if (how === 'now') app.server.closeAllConnections()
        return closing
      },
    }
  } catch (error) {
    await trail.close()
    throw error
  }
}

async function listen(app: FastifyInstance, { host, port }: Settings): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw error
  }
}
