import type { AnnalsError } from '../model/index.ts'

/** What the world may do to an event that is good. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  'ANNALS_TIMEOUT',
  'ANNALS_OVERLOADED',
  'ANNALS_STORE',
  'ANNALS_DISK_FULL',
])

/** Whether an event was refused for what the world is like now: its rule says what then. */
export function isUnavailable({ code }: AnnalsError): boolean {
  return UNAVAILABLE.has(code)
}
