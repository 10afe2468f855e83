import type { AuditEvent, Limits, NormalEvent } from '../model/index.ts'
import type { EventType } from './event-type.ts'
import type { CatalogEntry, Manifest } from './manifest.ts'
import type { RetentionClasses } from './retention-classes.ts'

/** The event types of an application, and the log's own. Immutable. */
export interface Catalog<T extends EventType = EventType, Open extends boolean = boolean> {
  /** Whether actions without a type may be recorded. */
  readonly open: Open
  /** Types of actors and targets that are persons; the first is that of person pointers which give none. */
  readonly personTypes: readonly string[]
  readonly retention: RetentionClasses
  /** The application's types, by action. */
  readonly types: readonly T[]
  /** The type of an action, also one of the log's own. */
  get(action: string): EventType | undefined
  /**
   * Checks an event against its type: the stored data are what the schema makes of them, and version, visibility, retention
   * and topics come from the type where the draft left them open. A promise only when the schema is asynchronous.
   *
   * @param limits bounds of what the schema makes of the data. @defaultValue the shipped ones
   * @throws AnnalsError ANNALS_UNKNOWN_ACTION, ANNALS_RETIRED, ANNALS_INVALID, ANNALS_CATALOG (the schema itself failed)
   */
  admit(event: NormalEvent, limits?: Limits): NormalEvent | Promise<NormalEvent>
  /** The event with `data` in the latest shape of its type; as it is when there is nothing to do or an upcaster throws. */
  latest<E extends Pick<AuditEvent, 'action' | 'version' | 'data'>>(event: E): E
  /** The application's types as plain data, sorted by action. */
  entries(): readonly CatalogEntry[]
  /** All that a reader of the log needs to describe its events, as JSON for `log.catalog`. */
  manifest(): Manifest
}
