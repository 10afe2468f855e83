// C2SP tlog-witness.
import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import {
  checkConsistency,
  cosigner,
  formatSignatures,
  formatVerifierKey,
  type NoteSigner,
  type NoteVerifier,
  type OpenedCheckpoint,
  openCheckpoint,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  TlogError,
  TYPE_COSIGNATURE,
} from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'

/** The largest tree of a log that a witness has cosigned. */
export interface WitnessedHead {
  readonly size: number
  readonly root: Uint8Array
}

/** Durable memory of a witness. It must outlive the witness: one that forgets can be shown another history. */
export interface WitnessMemory {
  load(origin: string): Promise<WitnessedHead | undefined>
  /** Durable and atomic before it resolves. */
  save(origin: string, head: WitnessedHead): Promise<void>
  /** Keeps a request that a log signed and that contradicts what it signed before: proof of misconduct. */
  accuse(origin: string, request: Uint8Array): Promise<void>
}

/** What a witness is made of. */
export interface WitnessOptions {
  /** Name of its key, such as `witness.example.com/w1`. */
  readonly name: string
  /** Ed25519 private key. */
  readonly key: KeyObject
  /** Verifiers of the logs it knows, by origin. */
  readonly logs: ReadonlyMap<string, readonly NoteVerifier[]>
  readonly memory: WitnessMemory
  /** Whole seconds since the epoch. @defaultValue the system clock */
  readonly seconds?: (() => number) | undefined
}

/** An answer as HTTP carries it. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size'
  readonly body: string
}

/**
 * Cosigns checkpoints of the logs it knows, and never two that contradict each other. It sees sizes and hashes, never
 * events.
 *
 * @example
 * ```ts
 * const witness = new Witness({ name: 'witness.example.com/w1', key, logs, memory })
 * const { status, body } = await witness.addCheckpoint(request)
 * ```
 */
export class Witness {
  /** Verifier key of the witness, type 0x04: what auditors put into their policy. */
  readonly vkey: string
  readonly #logs: ReadonlyMap<string, readonly NoteVerifier[]>
  readonly #memory: WitnessMemory
  readonly #signer: NoteSigner
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(options: WitnessOptions) {
    const { name, key, logs, memory, seconds = () => Math.floor(Date.now() / 1000) } = options
    const publicKey = (createPublicKey(key).export({ type: 'spki', format: 'der' }) as Buffer).subarray(-32)
    this.vkey = formatVerifierKey(sha256Bytes, name, TYPE_COSIGNATURE, publicKey)
    this.#signer = cosigner(sha256Bytes, {
      name,
      publicKey,
      sign: message => sign(null, message, key),
      now: seconds,
    })
    this.#logs = logs
    this.#memory = memory
  }

  /** Answers the body of an add-checkpoint call. Rejects only when its memory fails: then nothing was cosigned. */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    let request: ReturnType<typeof parseAddCheckpoint>
    let origin: string
    try {
      request = parseAddCheckpoint(body)
      origin = parseCheckpoint(parseNote(request.checkpoint).text).origin
    } catch (error) {
      return answer(400, reason(error))
    }
    const keys = this.#logs.get(origin)
    if (keys === undefined) return answer(404, 'this witness does not know that log')
    let checkpoint: OpenedCheckpoint
    try {
      checkpoint = await openCheckpoint(request.checkpoint, origin, keys)
    } catch (error) {
      return answer(403, reason(error))
    }
    if (request.oldSize > checkpoint.size) return answer(400, 'the old size is larger than the checkpoint')
    // One at a time for each log: of two that were checked against the same head the smaller must not be saved last.
    const turn = (this.#last.get(origin) ?? Promise.resolve()).then(() =>
      this.#advance(checkpoint, request.oldSize, request.proof, body),
    )
    this.#last.set(
      origin,
      turn.catch(() => {}),
    )
    return await turn
  }

  async #advance(
    checkpoint: OpenedCheckpoint,
    oldSize: number,
    proof: readonly Uint8Array[],
    body: Uint8Array,
  ): Promise<WitnessAnswer> {
    const { origin, size, root } = checkpoint
    const head = await this.#memory.load(origin)
    const known = head?.size ?? 0
    if (oldSize !== known) return { status: 409, type: 'text/x.tlog.size', body: `${known}\n` }
    if (head !== undefined && size === head.size && !Buffer.from(root).equals(head.root)) {
      await this.#memory.accuse(origin, body)
      return { status: 409, type: 'text/x.tlog.size', body: `${known}\n` }
    }
    try {
      if (head === undefined) {
        if (proof.length > 0) return answer(422, 'a proof from size 0 is empty')
      } else checkConsistency(sha256Bytes, proof, head.size, head.root, size, root)
    } catch (error) {
      if (!(error instanceof TlogError)) throw error
      await this.#memory.accuse(origin, body)
      return answer(422, reason(error))
    }
    if (head === undefined || size > head.size) await this.#memory.save(origin, { size, root })
    const signature = await this.#signer.sign(Buffer.from(checkpoint.text))
    const { name, keyId } = this.#signer
    return answer(200, formatSignatures([{ name, keyId, signature }]), '')
  }
}

function answer(status: WitnessAnswer['status'], body: string, end = '\n'): WitnessAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}${end}` }
}

function reason(error: unknown): string {
  if (error instanceof TlogError) return error.message
  throw error
}
