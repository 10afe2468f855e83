import type { AuditEvent } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { Failure } from '../failure/failure.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import { zoneOf } from '../flags/time-zone.ts'
import type { Host } from '../host.ts'
import { visibleJson } from '../output/escape.ts'
import { eventDetail } from '../output/event-detail.ts'
import { eventWriterFor } from '../output/event-view.ts'
import { type Place, placeName } from '../remote/place.ts'

interface GetFlags {
  readonly raw?: true
  readonly tz?: string
}

const POSITION = /^\d+$/

/** `annals get`: events in full. */
export function configure(command: Command, host: Host): void {
  addServerFlags(command)
    .argument('<id...>', 'event ids or positions')
    .option('--raw', 'the stored event as indented JSON')
    .option('--tz <zone>', 'zone of times shown (env ANNALS_TZ, default local)')
  command.action(async (ids: string[], flags: GetFlags) =>
    host.run(command, async context => get(context, ids, flags)),
  )
}

async function get(context: Context, ids: readonly string[], flags: GetFlags): Promise<ExitCode> {
  const { output, globals } = context
  const zone = zoneOf(flags.tz, context)
  return await withReader(context, async (reader, place) => {
    const missing: string[] = []
    const found: AuditEvent[] = []
    for (const id of ids) {
      const event = await reader.get(POSITION.test(id) ? Number(id) : id)
      if (event === undefined) missing.push(id)
      else found.push(event)
    }
    if (flags.raw) {
      for (const event of found) await output.data(`${visibleJson(JSON.stringify(event, undefined, 2))}\n`)
    } else if (globals.format !== undefined && globals.format !== 'wide') {
      const writer = eventWriterFor(context, reader, zone)
      for (const event of found) await writer.write(event)
      await writer.end()
    } else {
      for (const [nth, event] of found.entries()) {
        const text = eventDetail(event, reader.describe(event), { terminal: output.out, zone })
        await output.data(`${nth === 0 ? '' : '\n'}${text}`)
      }
    }
    await output.flush()
    if (missing.length > 0) throw notFound(missing, place)
    return endOf(context)
  })
}

function notFound(ids: readonly string[], place: Place): Failure {
  return new Failure(`no event ${ids.join(', ')}`, {
    exit: 4,
    code: 'ANNALS_NOT_FOUND',
    why: `${placeName(place)} has no event with that id or position`,
    hint: 'Look for it with "annals list"; an id is copied whole.',
  })
}
