/** Status codes of gRPC that are spoken of by name. */
export const RPC_CODE = { ok: 0, cancelled: 1, unknown: 2, deadlineExceeded: 4, unavailable: 14 } as const

/** Of a status of HTTP the code of gRPC that says the same to who calls. */
const OF_HTTP: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  412: 9,
  429: 8,
  500: 13,
  501: 12,
  503: 14,
  504: 4,
}

/** The code of gRPC for a status of HTTP; UNKNOWN for one that has no like. */
export function rpcCodeOf(status: number): number {
  return OF_HTTP[status] ?? RPC_CODE.unknown
}

/** `/api.v1.BootService/Register` as a policy speaks of it. */
export function callOfPath(path: string): { readonly service: string; readonly rpc: string } {
  const at = path.lastIndexOf('/')
  return { service: path.slice(path.startsWith('/') ? 1 : 0, at), rpc: path.slice(at + 1) }
}
