/** How a run ended. */
export interface LastRun {
  /** ISO 8601 UTC. */
  readonly begun: string
  readonly ended: string
  /** `partly`: it went to its end, and something of it could not be done. */
  readonly outcome: 'done' | 'partly' | 'failed'
  /** Of the failure. */
  readonly code?: string
  /** What was done, in numbers. */
  readonly counts?: Readonly<Record<string, number>>
}
