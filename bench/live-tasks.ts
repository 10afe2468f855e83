/** What the clients of live.ts are to do. */
export type LiveTask =
  | {
      readonly what: 'open'
      readonly kind: 'sse' | 'rpc'
      readonly url: string
      readonly key: string
      readonly topic: string
      readonly subscribers: number
      /** Events of each whose lag is not counted. */
      readonly warm: number
    }
  | { readonly what: 'finish'; readonly expected: number }
  | {
      readonly what: 'churn'
      readonly kind: 'sse' | 'rpc'
      readonly url: string
      readonly key: string
      readonly count: number
    }

/** What they saw. */
export interface LiveReport {
  readonly lags: Float64Array
  readonly delivered: number
}

/** Subscribers whose lag is counted. */
export const MEASURED = 50
/** How long the last events may take, milliseconds. */
export const PATIENCE_MS = 10_000
