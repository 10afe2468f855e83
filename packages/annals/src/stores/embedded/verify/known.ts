import { readFileSync } from 'node:fs'
import type { PartPlace } from '../../../log/log-store.ts'
import { authorisedParts } from '../../../verify/authorised-parts.ts'
import type { KnownHead } from '../../../verify/checkpoint-check.ts'
import { readWriterState } from '../boot.ts'
import { readDescription } from '../description.ts'
import { readIfThere } from '../files.ts'
import { parseSignedHead, signedHeadPath } from '../keys/signed-head.ts'
import type { Layout } from '../layout.ts'

/** What a directory says of itself, before anything is believed. */
export interface Known {
  /** Origin in `annals.json`; undefined when the file is missing or damaged. */
  readonly origin: string | undefined
  /** Of a copy that was restored from archives: the position after its last; what came later cannot be read here. */
  readonly restoredTo: number | undefined
  /** The last writer closed the log. */
  readonly clean: boolean
  readonly checkpoint: Uint8Array | undefined
  /** Verifier keys in `vkey`, one a line. */
  readonly vkey: string | undefined
  /** Verifier keys of the signer's own cosignature, in `cosigner.vkey`, one a line. */
  readonly cosignerVkeys: readonly string[]
  /** Authorities below this position have been carried out on the content, as the writer remembers. */
  readonly applied: number
  /** Parts that were being erased when the last writer stopped, `erasing.json`. */
  readonly erasing: readonly PartPlace[]
  /** What the signer remembers to have signed last: `damaged` when its file says nothing of the kind. */
  readonly signedHead: KnownHead | 'damaged' | undefined
}

/** Reads it; the checkpoint before anything else, so that entries read later cannot be behind it. */
export async function readKnown(layout: Layout): Promise<Known> {
  const checkpoint = await readIfThere(layout.checkpoint)
  const signedHead = readSignedHead(layout)
  const [description, state, vkey, cosignerVkey] = await Promise.all([
    orUndefined(readDescription(layout)),
    orUndefined(readWriterState(layout)),
    readIfThere(layout.vkey),
    readIfThere(layout.cosignerVkey),
  ])
  return {
    origin: description?.origin,
    restoredTo: description?.restored?.hi,
    clean: state?.clean === true,
    checkpoint,
    vkey: vkey?.toString('utf8').trim(),
    cosignerVkeys:
      cosignerVkey === undefined
        ? []
        : cosignerVkey
            .toString('utf8')
            .trim()
            .split(/\s*\n\s*/),
    applied: state?.applied ?? 0,
    erasing: readErasing(layout),
    signedHead,
  }
}

function readErasing(layout: Layout): readonly PartPlace[] {
  try {
    return authorisedParts(Number.POSITIVE_INFINITY, JSON.parse(readFileSync(layout.erasing, 'utf8')))
  } catch {
    return []
  }
}

function readSignedHead(layout: Layout): KnownHead | 'damaged' | undefined {
  let text: string
  try {
    text = readFileSync(signedHeadPath(layout), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // An auditor need not be allowed to read what is beside the keys.
    return ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(code ?? '') ? undefined : 'damaged'
  }
  const head = parseSignedHead(text)
  return head === undefined ? 'damaged' : { size: head.size, root: Buffer.from(head.root).toString('latin1') }
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch {
    return undefined
  }
}
