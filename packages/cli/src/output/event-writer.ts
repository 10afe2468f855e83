import type { AuditEvent } from 'annals/model'

/** Shows events one by one in one form, in constant memory. */
export interface EventWriter {
  write(event: AuditEvent): Promise<void>
  /** Shows what is held back: a table first measures some rows. */
  flush(): Promise<void>
  /** Finishes the output, also when there was no event. */
  end(): Promise<void>
}
