import type { AuditEvent } from '../model/index.ts'

/** What an event says, without what the log adds: an AuditEvent and a NormalEvent are both one. */
export type Statement = Omit<AuditEvent, 'id' | 'index' | 'recordedAt' | 'operation'>
