import { rm } from 'node:fs/promises'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import { exchangeFile, temporaryName } from './discard.ts'
import type { SealedRecord } from './encode-block.ts'
import { SealedFile } from './sealed-file.ts'
import type { BlockLine } from './sealed-head.ts'
import { SealedWriter } from './sealed-writer.ts'

/** What becomes of a record: the same object when it stays as it is. */
export type Change = (index: number, record: StoredRecord) => SealedRecord

/** A rewritten segment that lies beside the old one, durable and read back. */
export interface PreparedRewrite {
  /** Puts it in the place of the old one, whose bytes are overwritten; durable when it resolves. */
  swap(): Promise<void>
  /** Removes it. */
  discard(): Promise<void>
}

/**
 * Writes a sealed segment anew with changed records. Blocks in which nothing changes are taken over as they are, and so are
 * time and id of the positions that blocks begin with. Call it in a thread that may block: it reads, compresses and syncs.
 *
 * @returns undefined when nothing changes
 * @throws SealedError when the segment is damaged
 */
export async function prepareRewrite(path: string, change: Change): Promise<PreparedRewrite | undefined> {
  const temporary = temporaryName(path)
  if (!writeChanged(path, temporary, change)) return undefined
  return {
    swap: () => exchangeFile(temporary, path),
    discard: () => rm(temporary, { force: true }),
  }
}

/** `prepareRewrite` and `swap` in one: whether anything changed. A crash leaves the old file or the new. */
export async function rewriteSealed(path: string, change: Change): Promise<boolean> {
  const prepared = await prepareRewrite(path, change)
  await prepared?.swap()
  return prepared !== undefined
}

function writeChanged(path: string, to: string, change: Change): boolean {
  const file = new SealedFile(path)
  let writer: SealedWriter | undefined
  try {
    writer = new SealedWriter(to, file.head)
    let changed = false
    for (const [i, line] of file.directory.entries())
      changed = rewriteBlock(file, i, line, writer, change) || changed
    if (changed) writer.finish()
    else writer.abandon()
    writer = undefined
    return changed
  } finally {
    writer?.abandon()
    file.close()
  }
}

function rewriteBlock(
  file: SealedFile,
  i: number,
  line: BlockLine,
  writer: SealedWriter,
  change: Change,
): boolean {
  const block = file.block(i)
  const first = file.firstOf(i)
  const records: SealedRecord[] = []
  let changed = false
  for (let row = 0; row < block.count; row++) {
    const record = block.record(row)
    const kept = change(first + row, record)
    changed ||= kept !== record
    records.push(kept)
  }
  if (changed) writer.add(records, line)
  else writer.copy(file.stored(i), line, block.bytes)
  return changed
}
