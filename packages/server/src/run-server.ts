import type { SettingsGiven } from './settings/settings.ts'
import { type RunningServer, startServer } from './start-server.ts'

/** How long the log may take to close once nobody waits for answers, milliseconds. It is safe to be killed after that, and before. */
const PATIENCE_MS = 5_000

/** Why a server ended. */
export interface Ended {
  readonly signal: NodeJS.Signals
  /** A second signal cut off what was under way. */
  readonly forced: boolean
}

/**
 * Serves a directory until the process is told to end. SIGTERM and SIGINT let what is under way be answered; a second one does not
 * wait. SIGHUP reads the certificate anew.
 *
 * @param onReady called once it listens
 * @throws AnnalsError what startServer throws
 * @example
 * ```ts
 * const settings = await loadSettings({ env: process.env })
 * const { forced } = await runServer(settings, ({ url }) => console.log(url))
 * ```
 */
export async function runServer(
  settings: { readonly dir: string } & SettingsGiven,
  onReady: (server: Pick<RunningServer, 'url' | 'key'>) => void = () => {},
): Promise<Ended> {
  const server = await startServer(settings)
  const reload = (): void => void server.reload()
  process.on('SIGHUP', reload)
  try {
    onReady(server)
    return await untilTold(server)
  } finally {
    process.off('SIGHUP', reload)
  }
}

async function untilTold(server: RunningServer): Promise<Ended> {
  const signals = ['SIGTERM', 'SIGINT'] as const
  let first: NodeJS.Signals | undefined
  let forced = false
  return await new Promise<Ended>((resolve, reject) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first === undefined) {
        first = signal
        server.close().then(
          () => finish(() => resolve({ signal, forced })),
          (error: unknown) => finish(() => reject(error)),
        )
        return
      }
      forced = true
      server.close('now').catch(() => {})
      setTimeout(() => process.exit(1), PATIENCE_MS).unref()
    }
    const finish = (settle: () => void): void => {
      for (const signal of signals) process.off(signal, onSignal)
      settle()
    }
    for (const signal of signals) process.on(signal, onSignal)
  })
}
