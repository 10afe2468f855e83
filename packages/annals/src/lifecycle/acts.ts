import type { Act } from './act.ts'
import { archive } from './archive/run.ts'
import { listChunks } from './chunks.ts'
import { erase } from './erase.ts'
import { hold } from './hold.ts'
import { listKeys } from './list-keys.ts'
import { pause } from './pause.ts'
import { release } from './release.ts'
import { resume } from './resume.ts'
import { retentionPlan, retentionRun } from './retention-acts.ts'
import { retentionPolicy } from './retention-policy-act.ts'
import { rotateKek } from './rotate-kek.ts'
import { retireLogKey, rotateLogKey } from './rotate-log-key.ts'
import { seal } from './seal.ts'
import { timestamp } from './timestamp.ts'

/** Every act, by name. */
export const ACTS: readonly Act[] = [
  archive,
  erase,
  hold,
  listChunks,
  listKeys,
  pause,
  release,
  resume,
  retentionPlan,
  retentionPolicy,
  retentionRun,
  retireLogKey,
  rotateKek,
  rotateLogKey,
  seal,
  timestamp,
]

/** The act of a name; undefined when there is none. */
export function actNamed(name: string): Act | undefined {
  return ACTS.find(act => act.name === name)
}
