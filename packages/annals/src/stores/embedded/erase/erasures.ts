import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { forgetRemembered } from '../../../query/index.ts'
import { replaceFile } from '../files.ts'
import type { Layout } from '../layout.ts'
import type { SharedState } from '../shared-state.ts'

/*
 * `erasures` is replaced whenever content has gone from the files of the directory. A process that reads looks at it before
 * each answer, and lets go of everything that it has open or in memory when it has changed.
 */

/** Tells the readers in every process that content has gone from the files; durable when it resolves. */
async function tellErasure(layout: Layout): Promise<void> {
  await replaceFile(layout.erasures, `${randomBytes(8).toString('hex')}\n`)
}

/** How long a query that is under way has to end before the files it reads are overwritten, in milliseconds. */
const GRACE_MS = 50

/** Lets everybody forget content that is no longer in the files: this process and its threads, and readers in others. */
export async function contentGone(layout: Layout, shared: SharedState): Promise<void> {
  forgetRemembered()
  shared.contentErased()
  await tellErasure(layout)
  await delay(GRACE_MS)
}

/** Changes with every erasure that was told. */
export function erasureEpoch(layout: Layout): string {
  const stat = statSync(layout.erasures, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs}`
}
