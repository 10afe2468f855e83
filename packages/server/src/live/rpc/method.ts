import type { LocalReader } from 'annals'
import type { z } from 'zod'
import type { Permission } from '../../access/permission.ts'
import type { Principal } from '../../access/principal.ts'
import type { ServerContext } from '../../context.ts'
import type { Outbox } from './outbox.ts'
import type { Session } from './session.ts'

/** One call, checked. */
export interface RpcCall<Params> {
  readonly params: Params
  readonly principal: Principal
  /** The log as the principal may see it: the only way to events. */
  readonly reader: LocalReader
  readonly context: ServerContext
  /** Where subscriptions live. */
  readonly session: Session
  /** Where notifications go. */
  readonly outbox: Outbox
  /** Names the socket in logs and errors. */
  readonly requestId: string
}

/** What a method answers. */
export interface RpcAnswer {
  readonly result: object
  /** Done once the answer is on its way: what must not come before it. */
  readonly after?: () => void
}

/** One method: what it takes, who may, what it answers. */
export interface RpcMethod<Params extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly summary: string
  readonly permission?: Permission
  /** Strict: unknown members are refused. */
  readonly params: Params
  run(call: RpcCall<z.output<Params>>): Promise<RpcAnswer>
}

/**
 * Gives a method its types. Adding one is one file, and one line in methods/index.ts.
 *
 * @example
 * ```ts
 * export const ping = defineMethod({ name: 'rpc.ping', summary: 'Answers.', params: z.strictObject({}), run: async () => ({ result: {} }) })
 * ```
 */
export function defineMethod<Params extends z.ZodType>(method: RpcMethod<Params>): RpcMethod {
  return method as unknown as RpcMethod
}
