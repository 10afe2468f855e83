import type { RunningServer } from '@annals/server'
import type { Settings } from '@annals/server/settings'
import { Failure } from '../failure/failure.ts'

/**
 * Starts a server in this process.
 *
 * @throws Failure when it may not listen where it should; what startServer throws
 */
export async function startHere(settings: Settings): Promise<RunningServer> {
  const { startServer } = await import('@annals/server')
  try {
    return await startServer(settings)
  } catch (error) {
    throw listenFailure(error, settings) ?? error
  }
}

function listenFailure(error: unknown, { host, port }: Settings): Failure | undefined {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).syscall !== 'listen') return undefined
  const { code } = error as NodeJS.ErrnoException
  const place = `${host}:${port}`
  if (code === 'EADDRINUSE')
    return new Failure(`${place} is taken`, {
      exit: 7,
      code,
      why: 'another process listens there',
      hint: 'Stop it, or choose another with --port; --port 0 takes any that is free.',
      cause: error,
    })
  return new Failure(`may not listen on ${place}`, {
    exit: code === 'EACCES' ? 3 : 1,
    code: code ?? 'LISTEN',
    why: error.message,
    hint: 'Give an address of this machine with --host, and a port of 1024 or more with --port.',
    cause: error,
  })
}
