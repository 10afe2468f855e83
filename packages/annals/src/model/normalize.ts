import { type DraftFields, readFields } from './draft-fields.ts'
import type { Note, Phase, Visibility } from './event.ts'
import { PHASES, VISIBILITIES } from './event.ts'
import { formatInstant, takeInstant } from './instant.ts'
import { copyJson } from './json-copy.ts'
import type { Limits } from './limits.ts'
import type { Mutable } from './mutable.ts'
import { takeActor } from './normal-actor.ts'
import { takeChanges } from './normal-changes.ts'
import {
  DEFAULT_RETENTION,
  DEFAULT_VERSION,
  DEFAULT_VISIBILITY,
  type DefaultedField,
  type IdempotencyKey,
  type NormalEvent,
} from './normal-event.ts'
import {
  takeBackfill,
  takeNotes,
  takeOutcome,
  takePath,
  takeSource,
  takeTags,
  takeTargets,
  takeTopics,
  takeWord,
} from './normal-fields.ts'
import { takeOrigin } from './normal-origin.ts'
import { isPlain } from './own.ts'
import {
  exceed,
  failure,
  kindOf,
  refuse,
  startWalk,
  takeIdentifier,
  takeText,
  unreadable,
  type Walk,
} from './walk.ts'

/** Options of {@link normalizeDraft}. */
export interface NormalizeOptions {
  readonly limits: Limits
  /** The clock, milliseconds since the epoch: `occurredAt` of a draft that gives none. */
  readonly now: number
  /** The same instant as text, when the caller has it. @defaultValue rendered from `now` */
  readonly isoNow?: string | undefined
  /** Set when the log itself records: the action must then be one below `log`. @defaultValue false */
  readonly own?: boolean | undefined
}

/** The eight ways in which defaults can be missing, shared: bit 1 version, 2 visibility, 4 retention. */
const DEFAULTED: readonly (readonly DefaultedField[])[] = Array.from({ length: 8 }, (_, bits) =>
  Object.freeze((['version', 'visibility', 'retention'] as const).filter((_, place) => (bits >> place) & 1)),
)

/**
 * Checks a draft and copies it into an event that shares nothing with it. Every field is checked, nothing unknown is kept.
 * A malformed actor or origin does not refuse the draft: see `notes` of the result. Instants become ISO 8601 UTC.
 *
 * @param draft anything: it may come from a network
 * @throws AnnalsError ANNALS_INVALID or ANNALS_LIMIT, with the JSON pointer of the place; nothing else, whatever is given
 * @example
 * ```ts
 * normalizeDraft({ action: 'machine.delete' }, { limits: DEFAULT_LIMITS, now: Date.now() }).outcome // { result: 'success' }
 * ```
 */
export function normalizeDraft(draft: unknown, options: NormalizeOptions): NormalEvent {
  const walk = startWalk(options.limits)
  try {
    if (!isPlain(draft)) throw failure('ANNALS_INVALID', '', `must be an object, got ${kindOf(draft)}`)
    return build(walk, readFields(walk, draft), options)
  } catch (error) {
    throw unreadable(walk, error)
  }
}

function build(walk: Walk, fields: DraftFields, options: NormalizeOptions): NormalEvent {
  const notes: Note[] = fields.notes === undefined ? [] : takeNotes(walk, fields.notes)
  const phase: Phase = fields.phase === undefined ? 'single' : takeWord(walk, 'phase', fields.phase, PHASES)
  const bits =
    (fields.version === undefined ? 1 : 0) +
    (fields.visibility === undefined ? 2 : 0) +
    (fields.retention === undefined ? 4 : 0)
  const event: Mutable<NormalEvent> = {
    action: takePath(
      walk,
      'action',
      fields.action ?? refuse(walk, 'action', 'is required'),
      options.own === true,
    ),
    version: fields.version === undefined ? DEFAULT_VERSION : takeVersion(walk, fields.version),
    phase,
    outcome: takeOutcome(walk, fields.outcome, phase),
    occurredAt:
      fields.occurredAt === undefined
        ? (options.isoNow ?? formatInstant(options.now))
        : takeInstant(walk, 'occurredAt', fields.occurredAt),
    actor: takeActor(walk, fields.actor, notes),
    targets: takeTargets(walk, fields.targets),
    origin: takeOrigin(walk, fields.origin, notes),
    visibility:
      fields.visibility === undefined
        ? DEFAULT_VISIBILITY
        : takeWord<Visibility>(walk, 'visibility', fields.visibility, VISIBILITIES),
    retention:
      fields.retention === undefined
        ? DEFAULT_RETENTION
        : takeIdentifier(walk, 'retention', fields.retention),
  }
  addOptional(walk, event, fields)
  if (notes.length > walk.limits.changes)
    exceed(walk, 'notes', `has more than ${walk.limits.changes} elements`)
  if (notes.length > 0) event.notes = notes
  const defaulted = DEFAULTED[bits]
  if (bits !== 0 && defaulted !== undefined) event.defaulted = defaulted
  return event
}

function addOptional(walk: Walk, event: Mutable<NormalEvent>, fields: DraftFields): void {
  if (fields.operation !== undefined) event.operation = takeIdentifier(walk, 'operation', fields.operation)
  if (event.phase === 'single' && event.operation !== undefined) {
    refuse(
      walk,
      'operation',
      'a single event is an operation of its own',
      'relate events with origin.correlationId',
    )
  }
  if (event.phase === 'outcome' && event.operation === undefined)
    refuse(walk, 'operation', 'is required for an outcome')
  if (fields.tenant !== undefined) event.tenant = takeIdentifier(walk, 'tenant', fields.tenant)
  if (fields.project !== undefined) event.project = takeIdentifier(walk, 'project', fields.project)
  const changes = fields.changes === undefined ? undefined : takeChanges(walk, fields.changes)
  if (changes !== undefined) event.changes = changes
  const topics = fields.topics === undefined ? undefined : takeTopics(walk, fields.topics)
  if (topics !== undefined) event.topics = topics
  const tags = fields.tags === undefined ? undefined : takeTags(walk, fields.tags)
  if (tags !== undefined) event.tags = tags
  if (fields.description !== undefined) event.description = takeText(walk, 'description', fields.description)
  if (fields.data !== undefined) event.data = copyJson(walk, 'data', fields.data, 2)
  if (fields.source !== undefined) event.source = takeSource(walk, fields.source)
  if (fields.backfill !== undefined) event.backfill = takeBackfill(walk, fields.backfill)
  const key = idempotencyKey(walk, event, fields)
  if (key !== undefined) event.key = key
}

function idempotencyKey(walk: Walk, event: NormalEvent, fields: DraftFields): IdempotencyKey | undefined {
  if (fields.id !== undefined)
    return { system: event.source?.system ?? '', key: takeIdentifier(walk, 'id', fields.id) }
  return event.source === undefined ? undefined : { system: event.source.system, key: event.source.id }
}

function takeVersion(walk: Walk, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value
  return refuse(walk, 'version', 'must be an integer from 1')
}
