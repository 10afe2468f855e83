import type { AuditEvent } from 'annals/model'
import { expect } from 'vitest'
import type { RunningServer } from '../../start-server.ts'
import { MATRIX_CASES, type MatrixCase } from './cases.test-support.ts'
import {
  type CanaryKind,
  canariesIn,
  canary,
  MATRIX_EVENTS,
  type MatrixEvent,
} from './events.test-support.ts'

/** Looks like a canary of an event that nobody has. */
export const NOWHERE = 900

/** An answer. */
export interface Answered {
  readonly status: number
  readonly text: string
}

/** A server with the events of the matrix, and how they were recorded. */
export interface Matrix {
  readonly server: RunningServer
  readonly recorded: ReadonlyMap<number, AuditEvent>
}

/** Asks as one reader, and looks at every answer. */
export class Asker {
  readonly matrix: Matrix
  readonly reader: MatrixCase
  readonly token: string

  constructor(matrix: Matrix, reader: MatrixCase, token: string) {
    this.matrix = matrix
    this.reader = reader
    this.token = token
  }

  async ask(path: string, init: RequestInit & { readonly unchecked?: true } = {}): Promise<Answered> {
    const headers = { ...init.headers, Authorization: `Bearer ${this.token}` }
    const response = await fetch(new URL(path, this.matrix.server.url), { ...init, headers })
    const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
    const heads = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    // Receipts hold what they disclose in base64.
    const decoded = [...text.matchAll(/[\w+/-]{16,}={0,2}/g)].map(([word]) => Buffer.from(word, 'base64'))
    expect(response.status, `${path}: ${text}`).toBeLessThan(500)
    if (init.unchecked) return { status: response.status, text }
    this.check(
      `${heads}\n${text}\n${decoded.join('\n')}`,
      `${decodeURIComponent(path)} ${String(init.body ?? '')}`,
    )
    return { status: response.status, text }
  }

  /** @param asked what the reader said themselves is no news to them */
  check(answer: string, asked: string): void {
    const own = new Set(canariesIn(asked).map(({ kind, nth }) => canary(kind, nth)))
    for (const { kind, nth } of canariesIn(answer))
      if (!this.maySee(kind, nth) && !own.has(canary(kind, nth)))
        expect.fail(
          `${this.reader.title} was shown ${canary(kind, nth)} for ${asked}\n${answer.slice(0, 2_000)}`,
        )
  }

  maySee(kind: CanaryKind, nth: number): boolean {
    const event = MATRIX_EVENTS[nth]
    if (event === undefined) return this.seesLog
    if (kind === 'int' && this.reader.level !== 'operator') return false
    return this.reader.sees(event) && !(this.reader.masks?.(event) ?? []).includes(kind)
  }

  /** Moves samples on from reader to reader. */
  get turn(): number {
    return MATRIX_CASES.indexOf(this.reader)
  }

  get seesLog(): boolean {
    const { key, level } = this.reader
    return level === 'operator' && key.role === 'operator' && key.tenant === undefined
  }

  get seen(): readonly MatrixEvent[] {
    return MATRIX_EVENTS.filter(event => this.reader.sees(event))
  }

  get hidden(): readonly MatrixEvent[] {
    return MATRIX_EVENTS.filter(event => !this.reader.sees(event))
  }
}

/** The events in an answer, by the canary of their action, in order of recording. */
export function actsIn(text: string): readonly number[] {
  const nths = canariesIn(text).flatMap(({ kind, nth }) => (kind === 'act' && nth < NOWHERE ? [nth] : []))
  return [...new Set(nths)].sort((a, b) => a - b)
}

/** An answer without what differs anyway. */
export function plain({ status, text }: Answered, asked: string): object {
  const own = /[\da-f]{8}-[\da-f-]{27}|zq[a-z]+n\d{3}x|10\.7[78]\.9\.\d+|\d+$/g
  let rest = text.replace(/"requestId":"[^"]*"/, '').replace(/"(watermark|asOf)":\d+/g, '')
  for (const [value] of asked.matchAll(own)) rest = rest.replaceAll(value, 'VALUE')
  return { status, rest }
}
