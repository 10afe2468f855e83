import type { MaskRules } from './definition.ts'

/** Whether hashes are asked for; that of session ids, which is made unless told otherwise, does not count. */
export function asksForHashes({ secrets, names, events }: MaskRules): boolean {
  if (secrets === 'hash') return true
  for (const action of names.values()) if (action === 'hash') return true
  return events.some(({ pointers }) => pointers.some(({ action }) => action === 'hash'))
}
