import { copyFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { shredFile, syncDirectory } from '../files.ts'
import { changeRows, type IndexChange, type SpanOf } from './change-rows.ts'
import { closeIndex, INDEX_FILES, openIndex, readMeta, writeSum } from './segment-index.ts'

/** A changed index beside the place it is for. */
export interface PreparedIndex {
  /** Puts it in its place, where none is now. */
  place(): void
  /** Removes it, unless it was placed. */
  discard(): Promise<void>
}

/**
 * Changes an index in place that nobody else writes, and that is gone on with. What it no longer says is overwritten, in the
 * file and beside it.
 *
 * @returns false when that cannot be done: the index must be made anew
 */
export function changeIndex(
  path: string,
  first: number,
  changes: readonly IndexChange[],
  spanOf: SpanOf,
): boolean {
  const db = openIndex(path)
  if (db === undefined) return false
  try {
    const next = readMeta(db).get('next') as number
    const known = changes.filter(({ before }) => before.index < next)
    if (!changeRows(db, first, known, spanOf)) return false
    // Balancing a b-tree leaves old copies of cells between those of a page, which `secure_delete` does not see.
    db.exec('VACUUM')
    return closeIndex(db)
  } catch {
    // Damaged: it is derived.
    return false
  } finally {
    if (db.isOpen) db.close()
  }
}

/**
 * Changes a copy of a closed index.
 *
 * @param from where it is now; it may be hidden already
 * @param path where the changed one is to be
 * @returns undefined when that cannot be done: the index must be made anew
 */
export async function prepareIndex(
  from: string,
  path: string,
  first: number,
  changes: readonly IndexChange[],
  spanOf: SpanOf,
): Promise<PreparedIndex | undefined> {
  const copy = copyPath(path)
  await shredIndex(copy)
  copyFileSync(from, copy)
  if (!changeIndex(copy, first, changes, spanOf)) {
    await shredIndex(copy)
    return undefined
  }
  return {
    place() {
      renameSync(copy, path)
      writeSum(path)
      syncDirectory(dirname(path))
    },
    discard: () => shredIndex(copy),
  }
}

/** Removes an index and what is left of an attempt to change it, so that nothing of them can be read back. */
export async function shredIndex(path: string): Promise<void> {
  for (const file of [path, copyPath(path)])
    for (const suffix of INDEX_FILES) await shredFile(`${file}${suffix}`)
}

function copyPath(path: string): string {
  return `${path}.new`
}
