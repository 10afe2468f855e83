import { SealedRecords } from '../sealed/sealed-records.ts'
import { SpineRecords } from '../sealed/spine-records.ts'
import type { SegmentRef } from '../segment-file.ts'
import type { SegmentRecords } from './segment-records.ts'
import { type Places, WrittenRecords } from './written-records.ts'

const NO_PLACES: Places = { of: () => undefined, last: () => undefined }

/**
 * Opens a segment in the form it lies on disk.
 *
 * @param places of its search index, which is of use as long as it is not sealed
 */
export function openRecords(segment: SegmentRef, places: Places = NO_PLACES): SegmentRecords {
  if (segment.form === 'spine') return new SpineRecords(segment.path)
  return segment.form === 'sealed' ? new SealedRecords(segment.path) : new WrittenRecords(segment, places)
}
