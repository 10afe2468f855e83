import type { Context } from '../context.ts'
import { zoneOf } from '../flags/time-zone.ts'
import { localTime } from './time.ts'

/** An instant for a table on a terminal, as `2026-11-21 12:02` in the zone of the machine; elsewhere as it is. */
export function dateText(iso: string, { output, env }: Pick<Context, 'output' | 'env'>): string {
  return output.out.isTTY ? localTime(iso, zoneOf(undefined, { env })).slice(0, 16) : iso
}

/** The same without the time of day, where room is scarce. */
export function dayText(iso: string, context: Pick<Context, 'output' | 'env'>): string {
  return context.output.out.isTTY ? dateText(iso, context).slice(0, 10) : iso
}
