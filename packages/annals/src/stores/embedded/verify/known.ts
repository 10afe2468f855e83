import { readFileSync } from 'node:fs'
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
  /** The last writer closed the log. */
  readonly clean: boolean
  readonly checkpoint: Uint8Array | undefined
  /** Verifier key in `vkey`. */
  readonly vkey: string | undefined
  /** Verifier key of the signer's own cosignature, in `cosigner.vkey`. */
  readonly cosignerVkey: string | undefined
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
    clean: state?.clean === true,
    checkpoint,
    vkey: vkey?.toString('utf8').split('\n')[0]?.trim(),
    cosignerVkey: cosignerVkey?.toString('utf8').trim(),
    signedHead,
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
