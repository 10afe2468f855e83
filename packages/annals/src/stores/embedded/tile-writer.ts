import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TileFile } from './tile-files.ts'

/** Directories remembered as made; beyond it they are made again, which is harmless. */
const REMEMBERED = 1_000

/** Writes tile files; runs where blocking is no harm. */
export class TileWriter {
  readonly #dir: string
  readonly #made = new Set<string>()
  #unsynced: string[] = []

  constructor(dir: string) {
    this.#dir = dir
  }

  write(files: readonly TileFile[]): void {
    for (const { path, bytes } of files) {
      const file = join(this.#dir, path)
      this.#makeDirectory(dirname(file))
      const fd = openSync(file, 'w')
      try {
        writeSync(fd, bytes)
      } finally {
        closeSync(fd)
      }
      this.#unsynced.push(file)
    }
  }

  /** Makes everything written since the last call durable, with the names. */
  sync(): void {
    const files = this.#unsynced
    this.#unsynced = []
    for (const path of new Set([...files, ...files.map(dirname)])) {
      const fd = openSync(path, 'r')
      try {
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
    }
  }

  #makeDirectory(dir: string): void {
    if (this.#made.has(dir)) return
    mkdirSync(dir, { recursive: true })
    if (this.#made.size > REMEMBERED) this.#made.clear()
    this.#made.add(dir)
  }
}
