import { appendFile, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { storeError } from '../../log/store-error.ts'
import { AnnalsError } from '../../model/index.ts'
import type { Line } from './carrier.ts'
import { Segment, type SpooledLine, segmentNumber } from './segment.ts'
import { lockSpool, type SpoolLock } from './spool-lock.ts'

/** A segment that has so many bytes is followed by another. */
const SEGMENT_BYTES = 8 * 1024 * 1024
/** Most bytes that one fdatasync makes durable. */
const GROUP_BYTES = 8 * 1024 * 1024

interface Waiting {
  readonly text: string
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: AnnalsError) => void
}

/**
 * Events that wait for their log, durable on this machine: files of lines, written at one end and read at the other. A file goes when
 * all its lines were taken, so a line may be read again after a crash; its idempotency key makes that harmless.
 *
 * It holds events in plain text until they are recorded. Only its owner may read the files.
 */
export class Spool {
  readonly #dir: string
  readonly #lock: SpoolLock
  readonly #maxBytes: number
  /** Oldest first; the last may be written to. */
  readonly #segments: Segment[]
  #next: number
  #writable: Segment | undefined
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined

  private constructor(dir: string, lock: SpoolLock, maxBytes: number, segments: Segment[]) {
    this.#dir = dir
    this.#lock = lock
    this.#maxBytes = maxBytes
    this.#segments = segments
    this.#next = (segments.at(-1)?.number ?? 0) + 1
  }

  /**
   * Opens the spool in a directory, and what an earlier run left in it.
   *
   * @param maxBytes most bytes; beyond them is ANNALS_OVERLOADED
   * @throws AnnalsError ANNALS_LOCKED when another process uses it, ANNALS_STORE
   */
  static async open(dir: string, maxBytes: number): Promise<Spool> {
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      const lock = await lockSpool(dir)
      try {
        const numbers = (await readdir(dir)).flatMap(name => segmentNumber(name) ?? []).sort((a, b) => a - b)
        const segments: Segment[] = []
        for (const number of numbers) segments.push(await Segment.reopen(dir, number))
        return new Spool(dir, lock, maxBytes, segments)
      } catch (error) {
        lock.release()
        throw error
      }
    } catch (error) {
      throw storeError(error)
    }
  }

  /** Whether nothing is in it, or on its way into it. */
  get isEmpty(): boolean {
    return this.#segments.length === 0 && this.#waiting.length === 0 && this.#writing === undefined
  }

  /** Bytes of what is in it, or on its way into it. */
  get bytes(): number {
    return this.#segments.reduce((sum, { rest }) => sum + rest, this.#waitingBytes)
  }

  /**
   * Adds a line; resolves when it is durable.
   *
   * @throws AnnalsError ANNALS_OVERLOADED when the spool is full, ANNALS_DISK_FULL, ANNALS_STORE
   */
  add({ line, timeless }: Line): Promise<void> {
    const text = `${timeless ? '{"timeless":true,"draft":' : '{"draft":'}${line}}\n`
    const bytes = Buffer.byteLength(text)
    if (this.bytes + bytes > this.#maxBytes) {
      return Promise.reject(
        new AnnalsError('ANNALS_OVERLOADED', `The spool has ${this.#maxBytes} bytes, which is the limit.`, {
          hint: 'See to it that what is spooled can be recorded, or raise the limit.',
        }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, bytes, resolve, reject })
      this.#waitingBytes += bytes
      this.#writing ??= this.#write()
    })
  }

  /** The oldest lines, without taking them; none when it holds none that are whole and durable. @throws AnnalsError */
  async peek(most: number): Promise<readonly SpooledLine[]> {
    try {
      for (let oldest = this.#segments[0]; oldest !== undefined; oldest = this.#segments[0]) {
        const lines = await oldest.peek(most)
        if (lines.length > 0) return lines
        if (oldest === this.#writable && this.#writing !== undefined) return []
        // Read to its end, or to a line that was torn when the process died.
        await this.#drop(oldest)
      }
      return []
    } catch (error) {
      throw storeError(error)
    }
  }

  /** Takes the oldest line, which was peeked at: it is recorded. */
  take(line: SpooledLine): void {
    this.#segments[0]?.take(line)
  }

  /** Puts a line aside that is refused for good, with its reason: it is sent no more, and is not lost. @throws AnnalsError */
  async setAside({ text }: SpooledLine, { code, message, path }: AnnalsError): Promise<void> {
    const error = { code, message, ...(path === undefined ? {} : { path }) }
    const name = join(this.#dir, 'refused.ndjson')
    const line = JSON.stringify({ error, ...contentOf(text) })
    try {
      await appendFile(name, `${line}\n`, { mode: 0o600 })
      const file = await open(name, 'r+')
      await file.datasync().finally(() => file.close())
    } catch (error) {
      throw storeError(error)
    }
  }

  /** Waits for what is being written; what was not taken stays for the next run. */
  async close(): Promise<void> {
    await this.#writing
    for (const segment of this.#segments) await (segment.rest === 0 ? segment.remove() : segment.close())
    this.#lock.release()
  }

  /** Makes durable what waits, in groups. Never rejects. */
  async #write(): Promise<void> {
    // Together with what else is recorded now.
    await new Promise<void>(resolve => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        await (await this.#place()).append(Buffer.from(group.map(({ text }) => text).join('')))
        for (const { resolve } of group) resolve()
      } catch (error) {
        const failure = storeError(error)
        for (const { reject } of group) reject(failure)
      }
      for (const { bytes } of group) this.#waitingBytes -= bytes
    }
    this.#writing = undefined
  }

  #takeGroup(): readonly Waiting[] {
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && bytes < GROUP_BYTES) bytes += this.#waiting[count++]?.bytes ?? 0
    return this.#waiting.splice(0, count)
  }

  /** The segment that is written to. */
  async #place(): Promise<Segment> {
    if (this.#writable !== undefined && this.#writable.size < SEGMENT_BYTES) return this.#writable
    const segment = await Segment.create(this.#dir, this.#next++)
    this.#segments.push(segment)
    this.#writable = segment
    return segment
  }

  async #drop(segment: Segment): Promise<void> {
    this.#segments.splice(this.#segments.indexOf(segment), 1)
    if (this.#writable === segment) this.#writable = undefined
    await segment.remove()
  }
}

/** What a line holds; its text, where a damaged disk has made it something else. */
function contentOf(text: string): object {
  try {
    return { draft: (JSON.parse(text) as { readonly draft?: unknown }).draft ?? null }
  } catch {
    return { text }
  }
}
