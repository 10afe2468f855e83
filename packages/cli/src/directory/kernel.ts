import type { Draft, Recorded, Refused } from 'annals'

/** One event type of a log, as `catalog list` shows it. */
export interface CatalogLine {
  readonly action: string
  readonly version: number
  readonly describe?: string
  readonly visibility: string
  readonly retention: string
  readonly retired?: boolean | string
  /** How many events of it the log holds. */
  readonly events?: number
}

/** The functions of the kernel beside trails, in the shape the command line relies on. */
export interface Kernel {
  /** Leaves drafts in the inbox of a log that another process holds and waits for its answers. */
  submit(options: {
    readonly dir: string
    readonly drafts: readonly Draft[]
    readonly timeoutMs: number
  }): Promise<readonly (Recorded | Refused)[]>
  /** Writes a log as static tiles. */
  exportTiles(options: {
    readonly dir: string
    readonly out: string
    readonly onProgress?: (done: number, total: number) => void
  }): Promise<unknown>
}

/** Loads the kernel when it is needed. */
export async function loadKernel(): Promise<Kernel> {
  return (await import('annals')) as unknown as Kernel
}

/** The event types of an open log. */
export interface CatalogReader {
  catalog(): Promise<readonly CatalogLine[]>
}
