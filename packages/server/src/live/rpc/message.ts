import { z } from 'zod'

/** Codes of JSON-RPC 2.0, section 5.1; REFUSED is ours: the reason is in `data.code`. */
export const CODES = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  refused: -32000,
} as const

/** What names a request. */
export type RpcId = string | number | null

/** A request; without an id nobody waits for its answer. */
export interface RpcRequest {
  readonly id: RpcId | undefined
  readonly method: string
  readonly params: unknown
}

/** The error member of an answer. */
export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: object
}

const requestSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().max(200), z.number(), z.null()]).optional(),
  method: z.string().max(200),
  params: z.unknown().optional(),
})

/** Reads one request; undefined for what is none. */
export function parseRequest(value: unknown): RpcRequest | undefined {
  const { success, data } = requestSchema.safeParse(value)
  return success ? { id: data.id, method: data.method, params: data.params } : undefined
}

export function resultText(id: RpcId, result: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result })
}

export function errorText(id: RpcId, error: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error })
}

export function notificationText(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params })
}
