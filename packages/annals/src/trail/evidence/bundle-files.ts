import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AnnalsError } from '../../model/index.ts'
import type { ListedFile } from '../../verify/evidence/manifest.ts'

/** Written at once. */
const BUFFERED = 256 * 1024

/** A file of a bundle while it is written: buffered, hashed, readable by nobody else. */
export class BundleFile {
  readonly #file: FileHandle
  readonly #hash: Hash = createHash('sha256')
  #waiting: string[] = []
  #length = 0
  #bytes = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Adds a line. */
  async line(text: string): Promise<void> {
    this.#waiting.push(text, '\n')
    this.#length += text.length + 1
    if (this.#length >= BUFFERED) await this.#flush()
  }

  /** Writes what is waiting, durably, and closes. */
  async end(): Promise<ListedFile> {
    await this.#flush()
    await this.#file.sync()
    await this.#file.close()
    return { bytes: this.#bytes, sha256: this.#hash.digest('base64url') }
  }

  /** Closes without finishing. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {})
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#waiting.join(''))
    this.#waiting = []
    this.#length = 0
    this.#bytes += bytes.length
    this.#hash.update(bytes)
    await this.#file.appendFile(bytes)
  }
}

/**
 * Makes the directory of a bundle.
 *
 * @throws AnnalsError ANNALS_CONFLICT when something is in it already
 */
export async function makeBundleDirectory(out: string): Promise<void> {
  await mkdir(out, { recursive: true, mode: 0o700 })
  if ((await readdir(out)).length > 0) {
    throw new AnnalsError('ANNALS_CONFLICT', `${out} is not empty.`, {
      hint: 'Name a directory that is new or empty: a bundle is never mixed with other files.',
    })
  }
}

/** Begins a file; its content is personal data as much as the log is. */
export async function bundleFile(out: string, name: string): Promise<BundleFile> {
  return new BundleFile(await open(join(out, name), 'wx', 0o600))
}

/** Writes a whole file. */
export async function wholeFile(out: string, name: string, text: string): Promise<ListedFile> {
  const file = await bundleFile(out, name)
  await file.line(text.endsWith('\n') ? text.slice(0, -1) : text)
  return await file.end()
}
