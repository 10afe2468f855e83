import type { Actor, AuditEvent, Change } from 'annals/model'
import { visible } from './escape.ts'
import { actorLabel, reference } from './event-text.ts'
import { cellText } from './field-path.ts'
import { outcomeTone, paint, type Symbols, symbolsOf } from './style.ts'
import type { Terminal } from './terminal.ts'
import { localTime, zoneLabel } from './time.ts'
import { graphemes, pad } from './width.ts'

/** How to show one event. */
export interface DetailOptions {
  readonly terminal: Terminal
  readonly zone: string
}

// A longer value is cut on a terminal; a pipe gets it whole.
const LONGEST = 200
const LABEL = 15

/** One event for people: its sentence, its fields, its changes. */
export function eventDetail(event: AuditEvent, sentence: string, { terminal, zone }: DetailOptions): string {
  const symbols = symbolsOf(terminal)
  const text = (value: unknown): string => shortened(visible(cellText(value)), terminal, symbols)
  const lines = [paint(terminal, 'bold', text(sentence))]
  for (const [label, value, paintedAs] of rowsOf(event, zone)) {
    if (value === '' || value === undefined) continue
    const shown = text(value)
    lines.push(
      `  ${pad(label, LABEL)}${paintedAs === undefined ? shown : paint(terminal, outcomeTone(paintedAs), shown)}`,
    )
  }
  if (event.changes !== undefined && event.changes.length > 0) {
    lines.push(`  ${pad('changes', LABEL)}${event.changes.length}`)
    for (const change of event.changes) lines.push(...changeLines(change, terminal, symbols, text))
  }
  return `${lines.join('\n')}\n`
}

type Row = readonly [label: string, value: unknown, outcome?: string]

function rowsOf(event: AuditEvent, zone: string): Row[] {
  const time = (iso: string): string => `${localTime(iso, zone)} ${zoneLabel(zone, new Date(iso))}`
  const { result, code, message, durationMs } = event.outcome
  const took = durationMs === undefined ? '' : `took ${durationMs} ms`
  return [
    [
      'outcome',
      [result, code, message, took].filter(part => part !== undefined && part !== '').join(' · '),
      result,
    ],
    ['time', time(event.occurredAt)],
    ['recorded', event.recordedAt === event.occurredAt ? '' : time(event.recordedAt)],
    ['action', event.version === 1 ? event.action : `${event.action} (version ${event.version})`],
    ['phase', event.phase === 'single' ? '' : `${event.phase} of operation ${event.operation}`],
    ['actor', party(event.actor)],
    ...event.targets.map((target, nth): Row => [nth === 0 ? 'target' : '', party(target)]),
    ['tenant', event.tenant ?? ''],
    ['project', event.project ?? ''],
    ...Object.entries(event.origin).map(([name, value]): Row => [name, value]),
    [
      'tags',
      Object.entries(event.tags ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ],
    ['topics', (event.topics ?? []).join(' ')],
    ['data', event.data],
    ['source', event.source === undefined ? '' : `${event.source.system} ${event.source.id}`],
    [
      'backfill',
      event.backfill === undefined
        ? ''
        : `entered by ${event.backfill.by} at ${time(event.backfill.enteredAt)} · ${event.backfill.basis}`,
    ],
    ['truncated', event.truncated],
    ...(event.notes ?? []).map((note): Row => ['note', `${note.path}: ${note.reason}`]),
    ['erased', (event.erased ?? []).join(', ')],
    ['visibility', event.visibility],
    ['retention', event.retention],
    ['id', event.id],
    ['index', String(event.index)],
  ]
}

/** Name and reference, with what else is known of an actor. */
function party(one: Actor | { type: string; id: string; name?: string; role?: string }): string {
  const parts = [one.name === undefined ? reference(one) : `${one.name} (${reference(one)})`]
  if ('role' in one && one.role !== undefined) parts.push(`as ${one.role}`)
  if ('credential' in one && one.credential !== undefined)
    parts.push(`with ${one.credential.type}/${one.credential.id}`)
  if ('onBehalfOf' in one && one.onBehalfOf !== undefined) parts.push(`for ${actorLabel(one.onBehalfOf)}`)
  if ('unverified' in one && one.unverified === true) parts.push('unverified')
  return parts.join(' ')
}

function changeLines(
  { path, op, before, after, masked }: Change,
  terminal: Terminal,
  { minus, arrow }: Symbols,
  text: (value: unknown) => string,
): string[] {
  const place = `    ${visible(path)}`
  if (masked) return [`${place}  withheld (${op})`]
  const removed = paint(terminal, 'bad', `${minus} ${text(before ?? 'null')}`)
  const added = paint(terminal, 'good', `+ ${text(after ?? 'null')}`)
  if (op === 'add') return [`${place}  ${added}`]
  if (op === 'remove') return [`${place}  ${removed}`]
  const isShort = text(before).length + text(after).length <= 60
  return isShort
    ? [`${place}  ${text(before ?? 'null')} ${arrow} ${text(after ?? 'null')}`]
    : [place, `      ${removed}`, `      ${added}`]
}

function shortened(text: string, terminal: Terminal, { ellipsis }: Symbols): string {
  if (!terminal.isTTY || text.length <= LONGEST) return text
  const parts = graphemes(text)
  return parts.length <= LONGEST ? text : parts.slice(0, LONGEST).join('') + ellipsis
}
