import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256Bytes } from '../../packages/annals/src/log/digest.ts'
import { generateSignerKeys } from '../../packages/annals/src/log/signer.ts'
import { leafHash } from '../../packages/tlog/src/hash.ts'
import {
  cosigner,
  ed25519Signer,
  Frontier,
  formatCheckpoint,
  formatVerifierKey,
  parseVerifierKey,
  signNote,
  TYPE_COSIGNATURE,
} from '../../packages/tlog/src/index.ts'
import { readForged, segmentsOf } from './support.ts'

/** Signs a log anew over whatever entries lie there now, as one can who has stolen its keys; what the signer remembered is removed. */
export async function resign(dir: string, seconds: number = Math.floor(Date.now() / 1_000)): Promise<void> {
  const frontier = new Frontier(sha256Bytes)
  for (const ref of segmentsOf(dir))
    for (const { entry } of readForged(ref))
      frontier.append(leafHash(sha256Bytes, Buffer.from(entry, 'latin1')))
  writeFileSync(join(dir, 'checkpoint'), await stolenNote(dir, frontier.size, frontier.root(), seconds))
  rmSync(join(dir, 'keys', 'signed-head.json'), { force: true })
}

/** A checkpoint that the stolen keys of a log sign. */
export async function stolenNote(
  dir: string,
  size: number,
  root: Uint8Array,
  seconds: number,
): Promise<Uint8Array> {
  const signers = (['log.key', 'cosigner.key'] as const).map((file, i) => {
    const key = createPrivateKey(readFileSync(join(dir, 'keys', file)))
    const vkey = readFileSync(join(dir, i === 0 ? 'vkey' : 'cosigner.vkey'), 'utf8').trim()
    const { name, publicKey } = parseVerifierKey(sha256Bytes, vkey)
    const options = { name, publicKey, sign: (message: Uint8Array) => sign(null, message, key) }
    return i === 0
      ? ed25519Signer(sha256Bytes, options)
      : cosigner(sha256Bytes, { ...options, now: () => seconds })
  })
  const origin = (JSON.parse(readFileSync(join(dir, 'annals.json'), 'utf8')) as { origin: string }).origin
  return await signNote(formatCheckpoint({ origin, size, root }), signers)
}

/** A witness of a test: it cosigns whatever it is given, at a time that it is told. */
export function makeWitness(name = 'witness.example'): {
  readonly vkey: string
  /** The same note with its cosignature. */
  cosign(note: Uint8Array, seconds: number): Promise<Uint8Array>
} {
  const { cosigner: key } = generateSignerKeys()
  const publicKey = key.export({ format: 'jwk' })
  const raw = Buffer.from((publicKey as { x: string }).x, 'base64url')
  return {
    vkey: formatVerifierKey(sha256Bytes, name, TYPE_COSIGNATURE, raw),
    async cosign(note, seconds) {
      const text = Buffer.from(note).toString('utf8')
      const body = text.slice(0, text.indexOf('\n\n') + 1)
      const witness = cosigner(sha256Bytes, {
        name,
        publicKey: raw,
        sign: message => sign(null, message, key),
        now: () => seconds,
      })
      const own = Buffer.from(await signNote(body, [witness])).toString('utf8')
      return Buffer.from(text + own.slice(own.indexOf('\n\n') + 2))
    },
  }
}
