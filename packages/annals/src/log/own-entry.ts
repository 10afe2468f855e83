const OWN = Buffer.from('{"a":"log.')

/** Whether the bytes of an entry are of the log's own: entries are canonical, so the action comes first. */
export function isOwnEntry(entry: Buffer): boolean {
  return entry.subarray(0, OWN.length).equals(OWN)
}
