import { type FileHandle, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const LF = 10
const NAME = /^(\d{12})\.ndjson$/
/** Bytes read at a time; a line that is longer is read whole all the same. */
const READ_BYTES = 1024 * 1024

/** The number in the name of a segment file; undefined for other files. */
export function segmentNumber(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** A line as it was written. */
export interface SpooledLine {
  readonly text: string
  /** With its line feed. */
  readonly bytes: number
}

/** One file of a spool: lines that are only ever added, and read from the first to the last. */
export class Segment {
  readonly number: number
  readonly #path: string
  readonly #file: FileHandle
  /** Bytes that are durable. */
  #size: number
  /** Where the first line begins that was not taken. */
  #head = 0

  private constructor(number: number, path: string, file: FileHandle, size: number) {
    this.number = number
    this.#path = path
    this.#file = file
    this.#size = size
  }

  static async create(dir: string, number: number): Promise<Segment> {
    const path = pathOf(dir, number)
    const file = await open(path, 'wx+', 0o600)
    await syncDirectory(dir)
    return new Segment(number, path, file, 0)
  }

  /** Opens one of an earlier run. Its last line may be torn: it was never acknowledged, and is not read. */
  static async reopen(dir: string, number: number): Promise<Segment> {
    const path = pathOf(dir, number)
    const { size } = await stat(path)
    return new Segment(number, path, await open(path, 'r'), size)
  }

  get size(): number {
    return this.#size
  }

  /** Bytes that were not taken. */
  get rest(): number {
    return this.#size - this.#head
  }

  /** Adds whole lines; durable when it resolves. What could not be added is not there. */
  async append(lines: Buffer): Promise<void> {
    try {
      let written = 0
      while (written < lines.length) {
        const { bytesWritten } = await this.#file.write(
          lines,
          written,
          lines.length - written,
          this.#size + written,
        )
        written += bytesWritten
      }
      await this.#file.datasync()
    } catch (error) {
      await this.#file.truncate(this.#size).catch(() => {})
      throw error
    }
    this.#size += lines.length
  }

  /** The next lines, without taking them; none when there are no whole ones left. */
  async peek(most: number): Promise<readonly SpooledLine[]> {
    for (let length = READ_BYTES; ; length *= 4) {
      const bytes = Buffer.alloc(Math.min(length, this.rest))
      const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#head)
      const lines = linesOf(bytes.subarray(0, bytesRead), most)
      if (lines.length > 0 || bytesRead < length) return lines
    }
  }

  /** Takes a line that was peeked at. */
  take({ bytes }: SpooledLine): void {
    this.#head += bytes
  }

  async remove(): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

function linesOf(bytes: Buffer, most: number): SpooledLine[] {
  const lines: SpooledLine[] = []
  let from = 0
  for (let end = bytes.indexOf(LF); end >= 0 && lines.length < most; end = bytes.indexOf(LF, from)) {
    lines.push({ text: bytes.toString('utf8', from, end), bytes: end + 1 - from })
    from = end + 1
  }
  return lines
}

function pathOf(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(12, '0')}.ndjson`)
}

/** Makes what was created in a directory durable. */
export async function syncDirectory(dir: string): Promise<void> {
  const directory = await open(dir, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
