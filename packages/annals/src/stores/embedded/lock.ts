import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AnnalsError } from '../../model/index.ts'
import type { Layout } from './layout.ts'

/** Who holds the log, for messages. */
export interface Holder {
  readonly pid: number
  readonly host: string
  /** The script it runs, without arguments: they may name whom it erases. */
  readonly command: string
  /** ISO 8601 UTC. */
  readonly since: string
}

/** The exclusive right to write. The operating system takes it back when the process dies, however it dies. */
export class WriterLock {
  readonly #database: DatabaseSync
  readonly #layout: Layout

  private constructor(database: DatabaseSync, layout: Layout) {
    this.#database = database
    this.#layout = layout
  }

  /** @throws AnnalsError ANNALS_LOCKED naming the holder */
  static take(layout: Layout): WriterLock {
    const database = new DatabaseSync(layout.lock)
    try {
      database.exec(
        'PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; PRAGMA busy_timeout=0; BEGIN EXCLUSIVE',
      )
    } catch (cause) {
      database.close()
      throw new AnnalsError(
        'ANNALS_LOCKED',
        `${layout.dir} is being written by ${describeHolder(readHolder(layout))}.`,
        {
          cause,
          hint: 'Record through that process, or stop it first. Reading needs no lock.',
        },
      )
    }
    const holder: Holder = {
      pid: process.pid,
      host: hostname(),
      command: basename(process.argv[1] ?? process.title),
      since: new Date().toISOString(),
    }
    try {
      writeFileSync(layout.holder, `${JSON.stringify(holder)}\n`)
    } catch (error) {
      // As on a full disk: this process may try again, and must not find itself in the way.
      database.close()
      throw error
    }
    return new WriterLock(database, layout)
  }

  release(): void {
    rmSync(this.#layout.holder, { force: true })
    this.#database.close()
  }
}

/** The holder as it described itself; undefined when it did not. */
export function readHolder(layout: Layout): Holder | undefined {
  try {
    return JSON.parse(readFileSync(layout.holder, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

export function describeHolder(holder: Holder | undefined): string {
  return holder === undefined
    ? 'another process'
    : `process ${holder.pid} on ${holder.host} (${holder.command}) since ${holder.since}`
}
