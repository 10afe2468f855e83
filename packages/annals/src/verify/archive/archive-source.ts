import type { Digest } from '../../log/digest.ts'
import type { ClassSecrets } from '../../log/key-store.ts'

/** What a verifier reads of an archive. */
export interface ArchiveSource {
  describe(): string
  list(prefix: string): AsyncIterable<{ readonly name: string; readonly bytes: number }>
  get(name: string): AsyncIterable<Uint8Array>
}

/** Secrets that parts are opened with; what was destroyed is undefined. It never makes any. */
export interface ArchiveSecrets {
  secrets(chunk: number, retention: string): ClassSecrets | undefined
  /** By id, 16 bytes in latin1. */
  subjectKey(id: string): Digest | undefined
}

/** An entry of the log itself that was recorded after what is archived: it may explain what is gone. */
export interface LaterEntry {
  readonly action: string
  readonly index: number
  /** `recordedAt`, ms since the epoch. */
  readonly time: number
  /** The part `what`, JSON. */
  readonly what: string
}
