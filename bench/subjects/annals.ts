import { openTrail } from 'annals'
import type { OpenSubject } from './subject.ts'

/** The library as an application embeds it: hashing, keys, tree, checkpoints and search index included. */
export const annals: OpenSubject = async dir => {
  const trail = await openTrail({ dir })
  await trail.record('warm.up')
  return {
    name: 'annals: record()',
    record: draft => trail.record(draft.action, draft),
    close: () => trail.close(),
  }
}
