import type { Draft } from 'annals'

/** Something that makes drafts durable. */
export interface Subject {
  readonly name: string
  /** Resolves when the draft is durable. */
  record(draft: Draft): Promise<unknown>
  /** Events that whatever follows the log has not taken in yet. */
  lag?(): number
  close(): Promise<void>
}

/** Opens a subject in an empty directory. */
export type OpenSubject = (dir: string) => Promise<Subject>
