import type { TimeContext } from './time.ts'

/** What a query is read against. */
export interface QueryContext extends TimeContext {
  /** The signed-in principal: what `actor:me` means. */
  readonly me?: { readonly type: string; readonly id: string } | undefined
}
