import { canonicalizeString } from '@annals/tlog'
import { readEntry } from '../log/entry.ts'
import type { Person } from '../log/key-store.ts'
import type { LogStore, Positioned } from '../log/log-store.ts'
import { isOwnEntry } from '../log/own-entry.ts'
import { readEvent } from '../log/read-event.ts'
import type { RecordPart } from '../log/record-bytes.ts'
import type { AuditEvent } from '../model/index.ts'
import { isPeculiar, MentionFinder } from './mentions.ts'

/** An event about a person. */
export interface SubjectEvent {
  readonly event: AuditEvent
  /** The parts that are about the person: keyed to them, naming them as actor or target, or holding their id as a word. */
  readonly parts: readonly { readonly name: string; readonly as: 'keyed' | 'named' | 'mentioned' }[]
}

/** What stands below the events of an export. */
export interface SubjectSummary {
  readonly person: Person
  /** Events in the export. */
  readonly events: number
  /** Parts of these by how they are about the person. */
  readonly parts: { readonly keyed: number; readonly named: number; readonly mentioned: number }
  /**
   * Whether the log's keys could tell which parts are the person's. Without them only actors, targets and texts are compared,
   * and what an event type points to is missed where it does not hold the id.
   */
  readonly byKeys: boolean
  /** Parts of the whole log that were erased, and entries that ordered it. Nothing says of whom. */
  readonly erased: { readonly parts: number; readonly authorities: number }
  /** Entries of the log that were looked through. */
  readonly entries: number
}

/** What an export reads. */
export interface SubjectSource {
  readonly log: Pick<LogStore, 'read'>
  /** The person's tag in this log, 16 bytes in latin1; undefined without the log's keys. */
  readonly tag: string | undefined
}

/** Everything that a log holds about a person, event by event in order; the summary is returned at the end. */
export async function* subjectEvents(
  { log, tag }: SubjectSource,
  person: Person,
): AsyncGenerator<SubjectEvent, SubjectSummary, undefined> {
  const finder = new MentionFinder(isPeculiar(person.id) ? [person.id] : [])
  const counts = { events: 0, keyed: 0, named: 0, mentioned: 0, erased: 0, authorities: 0, entries: 0 }
  for await (const batch of log.read(0, Number.MAX_SAFE_INTEGER)) {
    for (const one of batch) {
      counts.entries++
      const { record } = one
      for (const part of record.parts) if (part.bytes === null) counts.erased++
      if (ordersErasure(record.entry)) counts.authorities++
      const found = aboutPerson(one, person, tag, finder)
      if (found === undefined) continue
      counts.events++
      for (const { as } of found.parts) counts[as]++
      yield found
    }
  }
  const { events, keyed, named, mentioned, erased, authorities, entries } = counts
  return {
    person,
    events,
    parts: { keyed, named, mentioned },
    byKeys: tag !== undefined,
    erased: { parts: erased, authorities },
    entries,
  }
}

function ordersErasure(entry: Buffer): boolean {
  if (!isOwnEntry(entry)) return false
  const { action } = readEntry(entry.toString('latin1'))
  return action === 'log.erasure' || action === 'log.redaction'
}

function aboutPerson(
  { index, record }: Positioned,
  person: Person,
  tag: string | undefined,
  finder: MentionFinder,
): SubjectEvent | undefined {
  if (record.thinned !== undefined) return undefined
  const keyed = tag === undefined ? [] : record.parts.filter(part => part.keys.some(key => key.tag === tag))
  const others = record.parts.filter(part => part.bytes !== null && !keyed.includes(part))
  const mentioned = others.filter(part => finder.in(part.bytes as Buffer).length > 0)
  // Only without keys every event is put together, to compare its actor and targets.
  if (tag !== undefined && keyed.length === 0 && mentioned.length === 0) return undefined
  const event = eventOf(index, record)
  const named = tag === undefined ? others.filter(part => names(event, part, person)) : []
  const parts = [
    ...keyed.filter(part => part.bytes !== null).map(({ name }) => ({ name, as: 'keyed' as const })),
    ...named.map(({ name }) => ({ name, as: 'named' as const })),
    ...mentioned
      .filter(part => !named.includes(part))
      .map(({ name }) => ({ name, as: 'mentioned' as const })),
  ]
  return parts.length === 0 ? undefined : { event, parts }
}

function eventOf(index: number, { entry, parts }: Positioned['record']): AuditEvent {
  return readEvent(
    index,
    readEntry(entry.toString('latin1')),
    parts.map(({ name, bytes }) => ({ name, json: bytes?.toString('utf8') ?? null })),
  )
}

/** Whether a part holds the actor of an event or its targets, and one of these is the person. */
function names(event: AuditEvent, { name, bytes }: RecordPart, { type, id }: Person): boolean {
  if (name === 'who') {
    for (
      let actor: AuditEvent['actor'] | undefined = event.actor;
      actor !== undefined;
      actor = actor.onBehalfOf
    )
      if (actor.type === type && actor.id === id) return true
    return false
  }
  const isTarget = event.targets.some(target => target.type === type && target.id === id)
  return isTarget && bytes?.includes(canonicalizeString(id)) === true
}
