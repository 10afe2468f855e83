/**
 * What a principal may do. `record` write events; `read` lists and counts; `tail` live streams; `export` take away; `verify` proofs,
 * tiles and checkpoints; `operate` lifecycle, keys and status; `mint` short-lived viewer tokens.
 */
export type Permission = 'record' | 'read' | 'tail' | 'export' | 'verify' | 'operate' | 'mint'

/** Every permission. */
export const PERMISSIONS: readonly Permission[] = [
  'record',
  'read',
  'tail',
  'export',
  'verify',
  'operate',
  'mint',
]
