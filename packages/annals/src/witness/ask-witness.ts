import {
  formatAddCheckpoint,
  formatNote,
  type Hash,
  type NoteSignature,
  type NoteVerifier,
  openNote,
  parseCheckpoint,
  parseNote,
  parseSignatures,
} from '@annals/tlog'
import { AnnalsError } from '../model/index.ts'

/** A witness as a log asks it. */
export interface AskedWitness {
  /** Submission prefix, such as `https://witness.example.com`. */
  readonly url: string
  /** Verifies its cosignatures. */
  readonly verifier: NoteVerifier
}

/** Gives the consistency proof from an older size to that of the checkpoint. */
export type Prove = (oldSize: number) => Promise<readonly Hash[]>

/** Most characters of an answer that are read. */
const MOST_ANSWER = 64 * 1024

/**
 * Asks one witness for its cosignature. It says itself from which size the proof must begin.
 *
 * @param known size that it is believed to have cosigned last
 * @returns the cosignature, verified
 * @throws AnnalsError ANNALS_STORE (retryable) when it cannot be reached or refuses; the message names its status, not its text
 */
export async function askWitness(
  witness: AskedWitness,
  checkpoint: Uint8Array,
  prove: Prove,
  known: number,
  timeoutMs: number,
): Promise<NoteSignature> {
  const { text } = parseNote(checkpoint)
  const { size } = parseCheckpoint(text)
  const signal = AbortSignal.timeout(timeoutMs)
  let oldSize = Math.min(known, size)
  for (let tries = 0; ; tries++) {
    const proof = oldSize === 0 || oldSize === size ? [] : await prove(oldSize)
    const response = await post(witness, formatAddCheckpoint({ oldSize, proof, checkpoint }), signal)
    const answer = await limited(response)
    if (response.status === 200) return await ownSignature(witness, text, answer)
    const told = /^(0|[1-9]\d{0,15})\n$/.exec(answer)?.[1]
    // Another checkpoint may have gone ahead of this one, or the witness knows the log from before.
    if (response.status === 409 && told !== undefined && Number(told) !== oldSize && tries < 3) {
      oldSize = Number(told)
      if (oldSize <= size) continue
      throw refused(witness, 'it has cosigned a larger tree already')
    }
    throw refused(witness, `it answered ${response.status}`)
  }
}

async function post(witness: AskedWitness, body: Uint8Array, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(`${witness.url.replace(/\/+$/, '')}/add-checkpoint`, {
      method: 'POST',
      body: Buffer.from(body),
      signal,
      redirect: 'error',
    })
  } catch (cause) {
    throw refused(witness, 'it could not be reached', cause)
  }
}

async function limited(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length > MOST_ANSWER) break
  }
  return text
}

/** The line of the witness's own key: others it may have sent along prove nothing to us. */
async function ownSignature(witness: AskedWitness, text: string, lines: string): Promise<NoteSignature> {
  try {
    const opened = await openNote(formatNote(text, parseSignatures(lines)), [witness.verifier])
    return opened.verified[0] as NoteSignature
  } catch (cause) {
    throw refused(witness, 'its answer holds no valid cosignature by its key', cause)
  }
}

function refused(witness: AskedWitness, why: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_STORE', `The witness ${witness.verifier.name} did not cosign: ${why}.`, {
    cause,
    hint: 'Recording goes on; the checkpoint stays without this cosignature until the next one.',
  })
}
