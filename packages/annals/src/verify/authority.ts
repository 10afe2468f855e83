import { isObject } from '../log/parts.ts'
import type { Findings } from './findings.ts'

/** A part of an event. */
export type PartPlace = readonly [index: number, name: string]

/** A part whose content is not there, and how it is gone. */
export type GonePart = readonly [index: number, name: string, how: 'erased' | 'absent']

/** Actions whose entries may authorise that parts are gone. */
export const AUTHORITIES: ReadonlySet<string> = new Set(['log.erasure', 'log.redaction'])

/** The parts that a `log.erasure` or `log.redaction` names in `data.parts`; only events before it can be meant. */
export function authorisedParts(index: number, what: string): PartPlace[] {
  let value: unknown
  try {
    value = JSON.parse(what)
  } catch {
    return []
  }
  const data = isObject(value) ? value['data'] : undefined
  const parts = isObject(data) ? data['parts'] : undefined
  if (!Array.isArray(parts)) return []
  return parts.filter(
    (part): part is [number, string] =>
      Array.isArray(part) &&
      part.length === 2 &&
      Number.isSafeInteger(part[0]) &&
      part[0] >= 0 &&
      part[0] < index &&
      typeof part[1] === 'string',
  )
}

/** Holds what is gone against what was authorised. Memory grows with erased parts, not with events. */
export class Authority {
  readonly #authorised = new Map<string, Set<number>>()
  readonly #gone: GonePart[] = []
  #entries = 0

  authorise(parts: readonly PartPlace[]): void {
    if (parts.length > 0) this.#entries++
    for (const [index, name] of parts) {
      let positions = this.#authorised.get(name)
      if (positions === undefined) {
        positions = new Set()
        this.#authorised.set(name, positions)
      }
      positions.add(index)
    }
  }

  gone(parts: readonly GonePart[]): void {
    for (const part of parts) this.#gone.push(part)
  }

  /** Reports what is gone without authority, and what is authorised and still there. */
  check(findings: Findings, size: number): { readonly erased: number; readonly authorities: number } {
    let erased = 0
    for (const [index, name, how] of this.#gone) {
      if (this.#authorised.get(name)?.delete(index) === true) erased++
      else
        findings.add(
          'E_PART_REMOVED',
          index,
          `Part "${name}" is ${how}, and no erasure or redaction in the log names it.`,
        )
    }
    let pending = 0
    for (const positions of this.#authorised.values())
      for (const index of positions) if (index < size) pending++
    const authorities = this.#entries
    if (erased > 0)
      findings.add(
        'W_ERASED',
        undefined,
        `${erased} parts were erased, all of them named by entries of the log.`,
      )
    if (pending > 0) {
      findings.add(
        'W_ERASURE_PENDING',
        undefined,
        `${pending} parts that the log says are erased still hold their content: the erasure did not finish, or a backup was restored.`,
      )
    }
    return { erased, authorities }
  }
}
