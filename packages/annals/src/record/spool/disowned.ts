import type { AnnalsError } from '../../model/index.ts'
import type { Recorded, Refused } from '../recorded.ts'
import type { Carrier, Line, Retry } from './carrier.ts'

/** A carrier that leaves events where they are whose callers were refused before they were durable in the spool. */
export class Disowned implements Carrier {
  readonly #carrier: Carrier
  /** Idempotency keys. */
  readonly #keys = new Set<string>()

  constructor(carrier: Carrier) {
    this.#carrier = carrier
  }

  /** @param durable rejects when the event did not get into the spool after all */
  add(key: string, durable: Promise<void>): void {
    this.#keys.add(key)
    durable.catch(() => this.#keys.delete(key))
  }

  async carry(lines: readonly Line[]): Promise<readonly (Recorded | Refused)[]> {
    if (this.#keys.size === 0) return await this.#carrier.carry(lines)
    const wanted = lines.filter(({ line }) => !this.#keys.has(keyOf(line)))
    const answers = wanted.length === 0 ? [] : [...(await this.#carrier.carry(wanted))]
    return lines.map(one => {
      if (wanted.includes(one)) return answers.shift() as Recorded | Refused
      this.#keys.delete(keyOf(one.line))
      return { id: '', index: -1, level: 'none' }
    })
  }

  retry(error: AnnalsError): Retry | undefined {
    return this.#carrier.retry(error)
  }
}

function keyOf(line: string): string {
  try {
    const { id, source } = JSON.parse(line) as { id?: string; source?: { id: string } }
    return id ?? source?.id ?? ''
  } catch {
    return ''
  }
}
