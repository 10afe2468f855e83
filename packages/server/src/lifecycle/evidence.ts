import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExportEvidenceOptions, exportEvidence } from 'annals'
import { AnnalsError } from 'annals/model'
import { tarOf } from '../http/tar.ts'

/** Bundles that are made or sent at a time: each is a copy of the events on disk. */
const MOST = 2
let open = 0

/**
 * An evidence bundle as a tar archive. It is complete on disk before the first byte is given, so that what fails is an error and not
 * a bundle that ends early; the directory goes with the stream.
 *
 * @throws AnnalsError what exportEvidence throws; ANNALS_OVERLOADED when too many are made already
 */
export async function evidenceArchive(
  options: Omit<ExportEvidenceOptions, 'out'> & { readonly signal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  if (open >= MOST) {
    throw new AnnalsError('ANNALS_OVERLOADED', 'Other bundles are being made.', {
      hint: 'Wait until they are done.',
    })
  }
  open++
  const made = mkdtemp(join(tmpdir(), 'annals-evidence-'))
  let removed: Promise<void> | undefined
  const remove = (): Promise<void> => {
    removed ??= made.then(
      dir => rm(dir, { recursive: true, force: true }).finally(() => open--),
      () => void open--,
    )
    return removed
  }
  try {
    const out = join(await made, 'bundle')
    await exportEvidence({ ...options, out })
    options.signal.throwIfAborted()
    // Also when nobody ever begins to read.
    options.signal.addEventListener('abort', () => void remove().catch(() => {}), { once: true })
    return sent(out, remove)
  } catch (error) {
    await remove()
    throw error
  }
}

async function* sent(dir: string, remove: () => Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    yield* tarOf(dir, (await readdir(dir)).sort())
  } finally {
    await remove()
  }
}
