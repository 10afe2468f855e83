import { AnnalsError } from '../../../model/index.ts'
import type { Layout } from '../layout.ts'
import type { KeyEncryption } from './key-encryption.ts'
import { type Binding, type Mark, type TaggedKey, Vault, vaultPath, type WrappedKey } from './vault.ts'

/**
 * The vault as its thread serves it. Opened at the first call, so that what is wrong with the database is the answer to a
 * call: a thread that fails while it starts has nobody to tell.
 */
export class VaultService {
  readonly #layout: Layout
  readonly #kek: KeyEncryption
  #vault: Vault | undefined

  constructor(layout: Layout, kek: KeyEncryption) {
    this.#layout = layout
    this.#kek = kek
  }

  mark(name: Mark): number {
    return this.#use(vault => vault.mark(name))
  }

  setMark(name: Mark, value: number): void {
    this.#use(vault => vault.setMark(name, value))
  }

  find(tags: readonly Uint8Array[]): (WrappedKey | undefined)[] {
    return this.#use(vault => vault.find(tags))
  }

  byId(ids: readonly Uint8Array[]): TaggedKey[] {
    return this.#use(vault => vault.byId(ids))
  }

  idsOf(tag: Uint8Array): Uint8Array[] {
    return this.#use(vault => vault.idsOf(tag))
  }

  take(count: number): WrappedKey[] {
    return this.#use(vault => vault.take(count))
  }

  bind(bindings: readonly Binding[], bound: number): void {
    this.#use(vault => vault.bind(bindings, bound))
  }

  retire(tags: readonly Uint8Array[]): void {
    this.#use(vault => vault.retire(tags))
  }

  destroy(ids: readonly Uint8Array[]): void {
    this.#use(vault => vault.destroy(ids))
  }

  /** Wraps with another key from now on. */
  changeKek(key: Uint8Array): void {
    this.#kek.change(key)
  }

  forgetKekBefore(): void {
    this.#kek.forgetBefore()
  }

  rewrap(): void {
    this.#use(vault => vault.rewrap(() => {}))
  }

  close(): void {
    this.#vault?.close()
  }

  #use<T>(ask: (vault: Vault) => T): T {
    try {
      this.#vault ??= new Vault(this.#layout, this.#kek)
      return ask(this.#vault)
    } catch (error) {
      throw isDamage(error) ? damagedVault(this.#layout, error) : error
    }
  }
}

/** The error for a file of subject keys that is no database, or a damaged one. */
export function damagedVault(layout: Layout, cause?: unknown): AnnalsError {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new AnnalsError(
    'ANNALS_KEYS',
    `${vaultPath(layout)}, which holds the subject keys, is damaged${why}.`,
    {
      cause,
      hint: 'Restore keys/subjects.db from a copy; without it the log can only be read.',
    },
  )
}

/** SQLITE_CORRUPT, SQLITE_NOTADB, and SQLITE_ERROR for tables that are not the vault's. */
function isDamage(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' && [1, 11, 26].includes(errcode & 0xff)
}
