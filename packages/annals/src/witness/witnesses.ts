import { formatNote, type NoteSignature, parseCheckpoint, parseNote } from '@annals/tlog'
import { type AskedWitness, askWitness, type Prove } from './ask-witness.ts'

/** Longest wait for one witness, in milliseconds. */
const WITNESS_MS = 10_000

/** What came of asking all witnesses. */
export interface Witnessed {
  /** The checkpoint with the cosignatures that were given. */
  readonly checkpoint: Uint8Array
  /** Whether they are enough. */
  readonly quorum: boolean
  /** Why others gave none. */
  readonly failures: readonly Error[]
}

/** The witnesses of a log: asked together, each one's last size remembered. */
export class Witnesses {
  readonly #asked: readonly AskedWitness[]
  readonly #quorum: (signed: readonly NoteSignature[]) => boolean
  readonly #known = new Map<AskedWitness, number>()

  /** @param quorum whether cosignatures by these keys are enough */
  constructor(asked: readonly AskedWitness[], quorum: (signed: readonly NoteSignature[]) => boolean) {
    this.#asked = asked
    this.#quorum = quorum
  }

  /** Asks every witness to cosign. Never rejects: who does not answer is in `failures`. */
  async cosign(checkpoint: Uint8Array, prove: Prove): Promise<Witnessed> {
    const { text, signatures } = parseNote(checkpoint)
    const { size } = parseCheckpoint(text)
    const failures: Error[] = []
    const given = await Promise.all(
      this.#asked.map(async witness => {
        try {
          const known = this.#known.get(witness) ?? 0
          const signature = await askWitness(witness, checkpoint, prove, known, WITNESS_MS)
          this.#known.set(witness, size)
          return [signature]
        } catch (error) {
          this.#known.delete(witness)
          failures.push(error instanceof Error ? error : new Error(String(error)))
          return []
        }
      }),
    )
    const cosignatures = given.flat()
    return {
      checkpoint: cosignatures.length === 0 ? checkpoint : formatNote(text, [...signatures, ...cosignatures]),
      quorum: this.#quorum(cosignatures),
      failures,
    }
  }
}
