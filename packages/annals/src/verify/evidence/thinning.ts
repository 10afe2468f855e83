import { isObject } from '../../log/parts.ts'
import type { Findings } from '../findings.ts'

/** Positions that a retention or an archive lets be thinned. */
interface Permission {
  readonly from: number
  readonly to: number
  /** Undefined for every class. */
  readonly retention: string | undefined
}

/**
 * Holds entries past their retention against the entries of the log that permit it. Which chunk a position is in is not in a
 * bundle: what it shows is that such a permission exists, not that its time had come.
 */
export class Thinning {
  /** Runs of thinned positions of one class, as memory is not to grow with entries. */
  readonly #runs: { from: number; to: number; readonly retention: string }[] = []
  readonly #permissions: Permission[] = []
  count = 0

  thinned(index: number, retention: string): void {
    this.count++
    const last = this.#runs.at(-1)
    if (last?.retention === retention && last.to === index) last.to++
    else this.#runs.push({ from: index, to: index + 1, retention })
  }

  /** Reads the content of a `log.retention` or `log.archive`. */
  permit(action: string, data: unknown): void {
    if (!isObject(data)) return
    const retention = typeof data['class'] === 'string' ? data['class'] : undefined
    const whole =
      action === 'log.archive' ? [data['lo'], data['hi']] : [data['chunk'], Number.POSITIVE_INFINITY]
    const ranges: unknown[] = Array.isArray(data['ranges']) ? data['ranges'] : [whole]
    for (const range of ranges) {
      const [from, to] = Array.isArray(range) ? (range as unknown[]) : []
      if (typeof from === 'number' && typeof to === 'number') this.#permissions.push({ from, to, retention })
    }
  }

  check(findings: Findings): void {
    if (this.count === 0) return
    for (const { from, to, retention } of this.#runs) {
      if (this.#permits(from, to, retention)) continue
      findings.add(
        'E_PRUNED_UNAUTHORISED',
        from,
        `Entries ${from} to ${to - 1} are gone but for their leaf hashes, and no retention or archive in the bundle explains it.`,
      )
    }
    findings.add(
      'W_THINNED',
      undefined,
      `${this.count} entries of the range are past their retention: only their leaf hashes are left.`,
    )
  }

  #permits(from: number, to: number, retention: string): boolean {
    let next = from
    const sorted = this.#permissions.toSorted((a, b) => a.from - b.from)
    for (const one of sorted) {
      if (one.retention !== undefined && retention !== '' && one.retention !== retention) continue
      if (one.from <= next && one.to > next) next = one.to
    }
    return next >= to
  }
}
