/** What lies at the bottom of an error: `fetch` itself says no more than that it failed. */
export function rootReason(error: unknown): string {
  let last = error
  while (last instanceof Error && last.cause instanceof Error) last = last.cause
  if (!(last instanceof Error)) return String(last)
  return last.message === '' && 'code' in last ? String(last.code) : last.message
}
