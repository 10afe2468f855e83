import type { AuditEvent } from 'annals/model'
import { UsageFailure } from '../failure/failure.ts'
import { actorLabel, reference, targetsLabel, whatOf } from './event-text.ts'
import { cellText, valueAt } from './field-path.ts'
import { outcomeTone } from './style.ts'
import type { Column } from './table.ts'
import { listTime } from './time.ts'

/** What showing an event needs beside the event. */
export interface View {
  readonly describe: (event: AuditEvent) => string
  /** Zone of times on a terminal. */
  readonly zone: string
  readonly now: () => Date
}

/** One thing to show of an event. */
export interface Field {
  readonly name: string
  /** Full text, for pipes and files. */
  text(event: AuditEvent, view: View): string
  /** Value inside JSON. */
  value(event: AuditEvent, view: View): unknown
  /** Short text, for people. @defaultValue `text` */
  short?(event: AuditEvent, view: View): string
  readonly column: Column
}

type Texts = Pick<Field, 'text' | 'short'>

function named(
  name: string,
  texts: Texts,
  column: Omit<Column, 'title'>,
  title: string = name.toUpperCase(),
): Field {
  return { name, ...texts, value: (event, view) => texts.text(event, view), column: { title, ...column } }
}

const NAMED: readonly Field[] = [
  named('time', { text: e => e.occurredAt, short: (e, v) => listTime(e.occurredAt, v.zone, v.now()) }, {}),
  named(
    'recorded',
    { text: e => e.recordedAt, short: (e, v) => listTime(e.recordedAt, v.zone, v.now()) },
    {},
  ),
  { ...named('outcome', { text: e => e.outcome.result }, { tone: outcomeTone }), value: e => e.outcome },
  {
    ...named(
      'actor',
      { text: e => reference(e.actor), short: e => actorLabel(e.actor) },
      { cut: 'end', least: 8 },
    ),
    value: e => e.actor,
  },
  named(
    'what',
    { text: e => e.action, short: (e, v) => whatOf(e, v.describe(e)) },
    { cut: 'end', least: 16 },
  ),
  named(
    'target',
    { text: e => primary(e), short: e => targetsLabel(e.targets) },
    { cut: 'middle', least: 10 },
  ),
  named(
    'ip',
    { text: e => e.origin.ip ?? '', short: e => e.origin.ip ?? '-' },
    { cut: 'middle', least: 9, spare: 1 },
  ),
  named('corr', { text: e => e.origin.correlationId ?? '' }, { cut: 'middle', least: 9, spare: 2 }),
  named('id', { text: e => e.id }, { cut: 'middle', least: 9 }),
  { ...named('index', { text: e => String(e.index) }, { align: 'right' }), value: e => e.index },
  named('sentence', { text: (e, v) => v.describe(e) }, { cut: 'end', least: 20 }),
]

// The members of an event; a path must begin with one of them, so that a misspelled field is not an empty column.
const MEMBERS =
  `id index action version phase operation outcome occurredAt recordedAt actor targets tenant project origin changes
topics tags description data source backfill truncated notes visibility retention erased`.split(/\s+/)

/** The columns of a list on a terminal. */
export const TABLE_FIELDS: readonly string[] = ['time', 'outcome', 'actor', 'what', 'target', 'ip', 'id']
/** The columns of a wide list. */
export const WIDE_FIELDS: readonly string[] = [
  'index',
  'time',
  'recorded',
  'outcome',
  'actor',
  'what',
  'target',
  'ip',
  'corr',
  'id',
]

/**
 * Fields by name: the named ones, or dotted paths into the event.
 *
 * @throws UsageFailure for a path that begins with no member of an event
 */
export function fieldsOf(names: readonly string[]): Field[] {
  return names.map(name => NAMED.find(field => field.name === name) ?? pathField(name))
}

function pathField(path: string): Field {
  const member = path.split('.', 1)[0] ?? ''
  if (!MEMBERS.includes(member)) {
    const known = [...new Set([...NAMED.map(field => field.name), ...MEMBERS])]
    throw new UsageFailure(`--fields: unknown field "${path}"`, {
      why: `an event has no member "${member}"`,
      choice: { given: member, known },
    })
  }
  return {
    name: path,
    text: event => cellText(valueAt(event, path)),
    value: event => valueAt(event, path),
    column: { title: path.toUpperCase(), cut: 'end' },
  }
}

function primary(event: AuditEvent): string {
  const [first] = event.targets
  return first === undefined ? '' : reference(first)
}
