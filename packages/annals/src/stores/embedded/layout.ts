import { join } from 'node:path'

/** Most entries of one segment: an index cursor in the middle of a broad term costs with the segment's size. */
export const SEGMENT_EVENTS = 262_144
/** Most bytes of one segment before the next begins. */
export const SEGMENT_BYTES: number = 160 * 1024 * 1024

/** Where everything lies below the directory of a log. */
export interface Layout {
  readonly dir: string
  readonly description: string
  readonly checkpoint: string
  /** Directory of the checkpoints that are kept for ever. */
  readonly checkpoints: string
  readonly vkey: string
  readonly cosignerVkey: string
  readonly state: string
  /** Replaced whenever content has gone from the files: readers let go of what they have. */
  readonly erasures: string
  /** What is being erased, from before it is overwritten until nothing is left to do. */
  readonly erasing: string
  readonly lock: string
  readonly holder: string
  readonly inbox: string
  /** What is made from the log and can be made again. */
  readonly derived: string
  readonly keys: string
  readonly chunks: string
}

/** Paths of a log's directory. */
export function layoutOf(dir: string): Layout {
  return {
    dir,
    description: join(dir, 'annals.json'),
    checkpoint: join(dir, 'checkpoint'),
    checkpoints: join(dir, 'checkpoints'),
    vkey: join(dir, 'vkey'),
    cosignerVkey: join(dir, 'cosigner.vkey'),
    state: join(dir, 'state.json'),
    erasures: join(dir, 'erasures'),
    erasing: join(dir, 'erasing.json'),
    lock: join(dir, 'lock.db'),
    holder: join(dir, 'holder.json'),
    inbox: join(dir, 'inbox'),
    derived: join(dir, 'derived'),
    keys: join(dir, 'keys'),
    chunks: join(dir, 'chunks'),
  }
}

/** A position as file names carry it: twelve digits or more. */
export function positionName(index: number): string {
  return index.toString().padStart(12, '0')
}
