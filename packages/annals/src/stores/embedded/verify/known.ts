import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../../../log/parts.ts'
import type { KnownHead } from '../../../verify/checkpoint-check.ts'
import { readWriterState } from '../boot.ts'
import { readDescription } from '../description.ts'
import { readIfThere } from '../files.ts'
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
  /** What the signer remembers to have signed last. */
  readonly signedHead: KnownHead | undefined
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

function readSignedHead(layout: Layout): KnownHead | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(layout.keys, 'signed-head.json'), 'utf8'))
    if (!isObject(value) || !Number.isSafeInteger(value['size']) || typeof value['root'] !== 'string')
      return undefined
    return { size: value['size'] as number, root: Buffer.from(value['root'], 'base64').toString('latin1') }
  } catch {
    return undefined
  }
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch {
    return undefined
  }
}
