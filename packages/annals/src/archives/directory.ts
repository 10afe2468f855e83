import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, link, mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import {
  type Archive,
  type ArchiveContent,
  type ArchivedObject,
  checkObjectName,
} from '../lifecycle/archive/archive.ts'
import { AnnalsError } from '../model/index.ts'

/** Options of {@link openDirectoryArchive}. */
export interface DirectoryArchiveOptions {
  /** Made when the first object is put. */
  readonly dir: string
}

const TEMPORARY = /\.tmp-[0-9a-f]{16}$/

/**
 * Opens a directory as an archive: each object is a file that nobody may write, and whose modification time says until when it
 * is to be kept. A directory cannot refuse its owner; mount a file system that can, or use S3 with Object Lock.
 *
 * @example
 * ```ts
 * const archive = openDirectoryArchive({ dir: '/var/archive' })
 * ```
 */
export function openDirectoryArchive({ dir }: DirectoryArchiveOptions): Archive {
  return new DirectoryArchive(resolve(dir))
}

class DirectoryArchive implements Archive {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  describe(): string {
    return `dir:${this.#dir}`
  }

  async put(name: string, content: ArchiveContent): Promise<void> {
    const path = this.#path(name)
    if ((await this.head(name)) !== undefined) throw taken(name)
    await mkdir(dirname(path), { recursive: true })
    const temporary = `${path}.tmp-${randomBytes(8).toString('hex')}`
    try {
      const file = await open(temporary, 'wx', 0o444)
      try {
        await write(file, content, name)
        await keepUntil(file, content.retainUntil)
        await file.sync()
      } finally {
        await file.close()
      }
      // Unlike a renaming, a link never replaces what another has put there meanwhile.
      await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' ? taken(name) : error
      })
    } finally {
      await rm(temporary, { force: true })
    }
    await this.#syncUpTo(dirname(path))
  }

  async *get(name: string): AsyncIterable<Uint8Array> {
    const file = await open(this.#path(name), 'r').catch((error: NodeJS.ErrnoException) => {
      throw isMissing(error) ? absent(name, error) : error
    })
    try {
      yield* file.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 })
    } finally {
      await file.close()
    }
  }

  async head(name: string): Promise<ArchivedObject | undefined> {
    const facts = await stat(this.#path(name)).catch((error: NodeJS.ErrnoException) => {
      if (isMissing(error)) return undefined
      throw error
    })
    if (facts === undefined || !facts.isFile()) return undefined
    const until = Math.floor(facts.mtimeMs)
    return { name, bytes: facts.size, ...(until > Date.now() ? { retainUntil: until } : {}) }
  }

  async *list(prefix: string): AsyncIterable<ArchivedObject> {
    // Files of one directory stand together in the order of names, so the tree can be walked.
    yield* this.#walk(this.#dir, prefix)
  }

  async retain(name: string, until: number): Promise<void> {
    const found = await this.head(name)
    if (found === undefined) throw absent(name)
    if (until <= Math.max(found.retainUntil ?? 0, Date.now())) return
    await utimes(this.#path(name), until / 1000, until / 1000)
    const file = await open(this.#path(name), 'r')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }

  async close(): Promise<void> {}

  async *#walk(dir: string, prefix: string): AsyncIterable<ArchivedObject> {
    const entries = await readdir(dir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (isMissing(error)) return []
      throw error
    })
    const named = entries.map(entry => {
      const path = join(dir, entry.name)
      const name = relative(this.#dir, path).split(sep).join('/')
      return { entry, path, name: entry.isDirectory() ? `${name}/` : name }
    })
    for (const { entry, path, name } of named.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) {
        if (name.startsWith(prefix) || prefix.startsWith(name)) yield* this.#walk(path, prefix)
      } else if (entry.isFile() && name.startsWith(prefix) && !TEMPORARY.test(name)) {
        const found = await this.head(name)
        if (found !== undefined) yield found
      }
    }
  }

  async #syncUpTo(deepest: string): Promise<void> {
    for (let dir = deepest; ; dir = dirname(dir)) {
      const handle = await open(dir, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
      if (dir === this.#dir || dir === dirname(dir)) return
    }
  }

  #path(name: string): string {
    checkObjectName(name)
    return join(this.#dir, ...name.split('/'))
  }
}

async function write(file: FileHandle, content: ArchiveContent, name: string): Promise<void> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of content.open()) {
    hash.update(piece)
    bytes += piece.length
    for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten
  }
  if (bytes !== content.bytes || hash.digest('base64url') !== content.sha256)
    throw new AnnalsError('ANNALS_STORE', `${name}: the bytes are not those that were announced.`)
}

async function keepUntil(file: FileHandle, until: number | undefined): Promise<void> {
  if (until !== undefined && until > Date.now()) await file.utimes(until / 1000, until / 1000)
}

function taken(name: string): AnnalsError {
  return new AnnalsError('ANNALS_CONFLICT', `${name} is in the archive already.`, {
    hint: 'An archive is written once; nothing in it is replaced.',
  })
}

function absent(name: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_NOT_FOUND', `${name} is not in the archive.`, { cause })
}

function isMissing(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR'
}
