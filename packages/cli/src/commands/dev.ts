import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '@annals/server'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import type { Host } from '../host.ts'
import { eventWriterFor } from '../output/event-view.ts'
import type { Format } from '../output/format.ts'
import { localZone } from '../output/time.ts'
import { settingsInForce } from '../serving/settings-in-force.ts'
import { startHere } from '../serving/start-here.ts'
import { tellReady } from '../serving/tell-ready.ts'

interface DevFlags {
  readonly port?: string
}

/** `annals dev`: a server to try things on. */
export function configure(command: Command, host: Host): void {
  command.option('--port <n>', 'port of 127.0.0.1 to listen on; 0 for any that is free (default 8377)')
  command.addHelpText(
    'after',
    '\nServes a log of its own and prints events as they are recorded. Everything is gone when it ends.',
  )
  command.action(async (flags: DevFlags) => host.run(command, async context => dev(context, flags)))
}

async function dev(context: Context, { port }: DevFlags): Promise<ExitCode> {
  if (context.globals.dirFrom === 'flag')
    throw new UsageFailure('--dir: dev makes a directory of its own', {
      why: 'everything in it is gone when dev ends',
      hint: 'Serve a log that stays with "annals serve".',
    })
  const dir = await mkdtemp(join(tmpdir(), 'annals-dev-'))
  const remove = (): void => rmSync(dir, { recursive: true, force: true })
  // Also when a second Ctrl-C does not wait.
  process.once('exit', remove)
  try {
    // The environment is that of real servers: nothing of it counts here.
    const { settings } = await settingsInForce(
      { globals: { ...context.globals, dir, dirFrom: 'flag' }, env: {} },
      { logLevel: 'warn', ...(port === undefined ? {} : { port }) },
    )
    const server = await startHere(settings)
    try {
      await tellReady(context, server, 'Annals serves a log that is gone when this ends,')
      await showEvents(context, server)
    } finally {
      await server.close()
    }
  } finally {
    process.off('exit', remove)
    remove()
  }
  return 0
}

/** Shows events as they are recorded, until the command is stopped. */
async function showEvents(context: Context, { trail }: RunningServer): Promise<void> {
  const { globals, signal } = context
  const shown = { ...context, globals: { ...globals, format: formatOf(globals.format) } }
  const writer = eventWriterFor(shown, trail, localZone())
  try {
    for await (const event of trail.events('', { follow: true, signal })) {
      await writer.write(event)
      await writer.flush()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  await writer.end()
}

/** An array has an end; what goes on for ever is lines. */
function formatOf(given: Format | undefined): Format {
  return given === undefined ? 'sentence' : given === 'json' ? 'ndjson' : given
}
