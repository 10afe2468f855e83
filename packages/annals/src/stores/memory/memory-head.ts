import type { SignedHead, SignerMemory } from '../../log/signer.ts'

/** What a signer has signed last, for as long as the process lives. */
export class MemoryHead implements SignerMemory {
  #head: SignedHead | undefined

  async load(): Promise<SignedHead | undefined> {
    return this.#head
  }

  async save(head: SignedHead): Promise<void> {
    this.#head = head
  }
}
