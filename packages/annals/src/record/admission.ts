import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { type Catalog, type EventType, personsOf } from '../catalog/index.ts'
import { isEventId, isRetentionClass } from '../log/entry.ts'
import type { Admitted } from '../log/item.ts'
import { formatParts, type PartRule, type PartText } from '../log/parts.ts'
import { isoTime } from '../log/read-event.ts'
import { first16 } from '../log/secrets.ts'
import {
  AnnalsError,
  type Draft,
  draftOf,
  fitEvent,
  type Limits,
  type NormalEvent,
  normalizeDraft,
} from '../model/index.ts'
import type { Intake, Normalized, Ready } from './handing.ts'

/** An event that is ready for the log of this process. */
export class ReadyForLog implements Ready {
  readonly admitted: Admitted
  readonly timeless: boolean
  /** Before it was cut to fit. */
  readonly #event: NormalEvent

  constructor(event: NormalEvent, admitted: Admitted) {
    this.#event = event
    this.admitted = admitted
    this.timeless = admitted.timeless
  }

  get key(): string {
    return this.#event.key?.key ?? ''
  }

  /** Written only when it is asked for: next to no event is spooled. */
  get line(): string {
    return JSON.stringify(draftOf(this.#event))
  }
}

const NO_RULES: readonly PartRule[] = []

/** Turns drafts into events that are ready to be sequenced: normalised, checked against the catalog, fitted, split into parts. */
export class Admission implements Intake<ReadyForLog> {
  readonly #catalog: Catalog
  readonly #limits: Limits
  readonly #pepper: KeyObject
  readonly #wall: () => number
  readonly #rules = new WeakMap<EventType, readonly PartRule[]>()

  /** @param wall the clock that `occurredAt` is taken from when a draft gives none, ms since the epoch */
  constructor(catalog: Catalog, limits: Limits, pepper: Uint8Array, wall: () => number = Date.now) {
    this.#wall = wall
    this.#catalog = catalog
    this.#limits = limits
    this.#pepper = createSecretKey(pepper)
  }

  /**
   * Admits one draft; a promise only when the schema of its type is asynchronous.
   *
   * @param own the log itself records: actions below `log` are allowed, and no others
   * @throws AnnalsError
   */
  admit(draft: Draft, own = false): Admitted | Promise<Admitted> {
    const now = Math.floor(this.#wall())
    const normal = normalizeDraft(draft, { limits: this.#limits, now, isoNow: isoTime(now), own })
    const timeless = draft.occurredAt === undefined
    const event = this.#catalog.admit(normal)
    if (event instanceof Promise) return event.then(one => this.#split(one, timeless))
    return this.#split(event, timeless)
  }

  /**
   * Admits the draft of an event that was completed before: its type has been checked, and may ask for what is not stored.
   *
   * @throws AnnalsError
   */
  readmit(draft: Draft, timeless: boolean): Admitted {
    return this.#split(
      normalizeDraft(draft, { limits: this.#limits, now: Math.floor(this.#wall()) }),
      timeless,
    )
  }

  normalize(draft: Draft): Normalized {
    const now = Math.floor(this.#wall())
    const event = normalizeDraft(draft, { limits: this.#limits, now, isoNow: isoTime(now) })
    return { event, now, timeless: draft.occurredAt === undefined }
  }

  complete(
    event: NormalEvent,
    timeless: boolean,
    reduce: (event: NormalEvent) => NormalEvent = whole => whole,
  ): ReadyForLog | Promise<ReadyForLog> {
    const finish = (whole: NormalEvent): ReadyForLog => {
      const reduced = reduce(whole)
      return new ReadyForLog(reduced, this.#split(reduced, timeless))
    }
    const admitted = this.#catalog.admit(event)
    return admitted instanceof Promise ? admitted.then(finish) : finish(admitted)
  }

  #split(normal: NormalEvent, timeless: boolean): Admitted {
    if (!isRetentionClass(normal.retention) || !Object.hasOwn(this.#catalog.retention, normal.retention)) {
      throw new AnnalsError(
        'ANNALS_INVALID',
        `There is no retention class ${JSON.stringify(normal.retention)}.`,
        {
          path: '/retention',
          hint: `Use one of ${Object.keys(this.#catalog.retention).join(', ')}, or declare it in the catalog.`,
        },
      )
    }
    if (normal.operation !== undefined && !isEventId(normal.operation)) {
      throw new AnnalsError('ANNALS_INVALID', 'An operation is named by the id of its attempt, a UUIDv7.', {
        path: '/operation',
      })
    }
    const type = this.#catalog.get(normal.action)
    const rules = type === undefined ? NO_RULES : this.#rulesOf(type)
    let content = normal
    let parts = formatParts(content, rules)
    if (bytesOf(parts, this.#limits.eventBytes) > this.#limits.eventBytes) {
      const measure = (event: NormalEvent): number => bytesOf(formatParts(event, rules), 0)
      content = fitEvent(content, measure, this.#limits.eventBytes, sha256Hex)
      parts = formatParts(content, rules)
    }
    const persons = personsOf(content, this.#catalog)
    let keyed: Admitted['persons']
    for (const _ in persons) {
      keyed = parts.map(part => persons[part.name] ?? [])
      break
    }
    return {
      action: normal.action,
      phase: normal.phase,
      retention: normal.retention,
      content,
      parts,
      persons: keyed,
      operation: normal.operation,
      key: normal.key === undefined ? undefined : this.#keyOf(normal.key.system, normal.key.key),
      timeless,
    }
  }

  #rulesOf(type: EventType): readonly PartRule[] {
    let rules = this.#rules.get(type)
    if (rules === undefined) {
      rules = Object.entries(type.parts).map(([name, pointers]) => ({ name, pointers }))
      this.#rules.set(type, rules)
    }
    return rules
  }

  /** First 16 bytes of HMAC-SHA-256(pepper, system ‖ 0x00 ‖ key), as the entry carries it. */
  #keyOf(system: string, key: string): string {
    return first16(
      createHmac('sha256', this.#pepper).update(system).update('\0').update(key).digest('base64url'),
    )
  }
}

/** UTF-8 bytes of all parts; counted exactly only when they might pass `limit`. */
function bytesOf(parts: readonly PartText[], limit: number): number {
  let characters = 0
  for (const part of parts) characters += part.json.length
  if (characters * 3 <= limit) return characters
  let bytes = 0
  for (const part of parts) bytes += Buffer.byteLength(part.json)
  return bytes
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
