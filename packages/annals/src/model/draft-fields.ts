import type { Draft } from './draft.ts'
import { refuse, refuseUnknown, type Walk } from './walk.ts'

/** The members of a draft as they were given, not yet checked. */
export type DraftFields = { -readonly [name in keyof Draft]-?: unknown }

/** Every field of a draft, in the order of the wire. */
const NONE: Readonly<DraftFields> = Object.freeze({
  action: undefined,
  id: undefined,
  version: undefined,
  phase: undefined,
  operation: undefined,
  outcome: undefined,
  occurredAt: undefined,
  actor: undefined,
  targets: undefined,
  tenant: undefined,
  project: undefined,
  origin: undefined,
  changes: undefined,
  topics: undefined,
  tags: undefined,
  description: undefined,
  data: undefined,
  source: undefined,
  backfill: undefined,
  notes: undefined,
  visibility: undefined,
  retention: undefined,
})
const NAMES: readonly string[] = Object.keys(NONE)

const RESERVED: Readonly<Record<string, string>> = {
  index: 'positions are given by the log',
  recordedAt: 'this time is set by the log; send occurredAt',
  erased: 'only the log says what was erased',
  truncated: 'only the recorder cuts, and says so',
}

/** Reads every member once, so that an accessor cannot answer the check and the copy differently. */
export function readFields(walk: Walk, draft: Readonly<Record<string, unknown>>): DraftFields {
  const fields: DraftFields = { ...NONE }
  for (const name of Object.keys(draft)) {
    const value = draft[name]
    if (value === undefined) continue
    if (Object.hasOwn(NONE, name)) fields[name as keyof Draft] = value
    else refuseField(walk, name)
  }
  return fields
}

function refuseField(walk: Walk, name: string): never {
  if (Object.hasOwn(RESERVED, name)) return refuse(walk, name, `cannot be sent: ${RESERVED[name]}`)
  return refuseUnknown(walk, name, NAMES)
}
