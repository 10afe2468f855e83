import { sumPath } from '../index/segment-index.ts'
import { hideFile } from './discard.ts'

/** Takes away the names of a search index and of everything that SQLite keeps beside it; what they hid is yet to be overwritten. */
export function hideIndex(path: string): (string | undefined)[] {
  // The sum last: an index that a sum still vouches for is whole.
  return [path, `${path}-wal`, `${path}-shm`, `${path}-journal`, sumPath(path)].map(hideFile)
}
