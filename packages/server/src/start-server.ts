import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type LocalTrail, openTrail } from 'annals'
import { pino } from 'pino'
import { ApiKeys } from './access/api-keys.ts'
import { authenticateBy } from './access/authenticate.ts'
import { keyFile } from './access/key-file.ts'
import { ReadingRecord } from './access/reading-record.ts'
import { createApp } from './app.ts'
import { type Settings, settingsSchema } from './settings/settings.ts'

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  /** The administrator's key, of the first start of a directory only. Shown once, kept nowhere. */
  readonly key: string | undefined
  readonly trail: LocalTrail
  readonly keys: ApiKeys
  /** Answers what is under way, ends streams, then closes the log. */
  close(): Promise<void>
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
  given: { readonly dir: string } & Partial<Settings>,
): Promise<RunningServer> {
  const settings = settingsSchema.parse(given)
  const log = pino({ level: settings.log.level })
  const trail = await openTrail({
    dir: settings.dir,
    onNotice: notice => log.warn(notice),
    onError: error => log.error({ code: (error as { code?: unknown }).code }, 'a background task failed'),
  })
  try {
    const keys = await ApiKeys.open(keyFile(join(settings.dir, 'access.json')))
    const first =
      keys.list.length === 0 ? await keys.create({ name: 'administrator', role: 'operator' }) : undefined
    const app = await createApp({
      trail,
      settings,
      authenticate: authenticateBy([keys]),
      reading: new ReadingRecord(trail, log),
      log,
    })
    await app.listen({ host: settings.host, port: settings.port })
    const { port } = app.server.address() as AddressInfo
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
    return {
      url: `http://${host}:${port}`,
      key: first?.token,
      trail,
      keys,
      async close() {
        await app.close()
        await trail.close()
      },
    }
  } catch (error) {
    await trail.close()
    throw error
  }
}
