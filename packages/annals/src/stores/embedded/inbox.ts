import { readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InboxService, StoreInbox } from '../../log/store.ts'
import type { Draft } from '../../model/index.ts'
import { replaceFile, shredFile } from './files.ts'
import { ANSWER, PROGRESS, REQUEST } from './inbox-files.ts'
import type { Layout } from './layout.ts'

/** How often the holder of a log looks for requests, in milliseconds. */
export const INBOX_POLL_MS = 200
/** How often it tells of a long act, in milliseconds. */
const TELL_MS = 500
/** How often it tells that it is still at an act that has no news, in milliseconds. */
const SIGN_MS = 5_000

/** Age at which whatever is no request has been abandoned by its process, in milliseconds. */
const ABANDONED_MS = 3_600_000

/** Serves the requests of other processes while this one holds the log. */
export class Inbox implements StoreInbox {
  readonly #layout: Layout
  readonly #onError: (error: Error) => void
  #service: InboxService | undefined
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** Progress that is being written. */
  #telling: Promise<void> = Promise.resolve()

  constructor(layout: Layout, onError: (error: Error) => void) {
    this.#layout = layout
    this.#onError = onError
  }

  open(service: InboxService): void {
    this.#service = service
    this.#timer = setInterval(() => this.#look(), INBOX_POLL_MS).unref()
    this.#running = this.#sweep()
      .catch(error => this.#onError(error as Error))
      .finally(() => {
        this.#running = undefined
        this.#look()
      })
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#running
  }

  /** Overwrites what processes that died have left: nobody waits for it, and it may name somebody who is to be forgotten. */
  async #sweep(): Promise<void> {
    for (const name of readdirSync(this.#layout.inbox)) {
      if (name.endsWith(REQUEST)) continue
      const path = join(this.#layout.inbox, name)
      const age =
        Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY)
      if (age > ABANDONED_MS) await shredFile(path)
    }
  }

  #look(): void {
    if (this.#timer === undefined) return
    this.#running ??= this.#answerAll()
      .catch(error => this.#onError(error as Error))
      .finally(() => {
        this.#running = undefined
      })
  }

  async #answerAll(): Promise<void> {
    const requests = readdirSync(this.#layout.inbox).filter(name => name.endsWith(REQUEST))
    for (const name of requests.sort()) {
      const stem = join(this.#layout.inbox, name.slice(0, -REQUEST.length))
      const bytes = await readFile(stem + REQUEST).catch(() => undefined)
      const service = this.#service
      if (bytes === undefined || service === undefined) continue
      try {
        const answer = await this.#answer(service, name, stem, bytes)
        await replaceFile(stem + ANSWER, JSON.stringify({ v: 1, ...answer }), 0o600)
        // What it asked for may be to forget somebody it names.
        await shredFile(stem + REQUEST)
        await this.#telling
        await shredFile(stem + PROGRESS)
      } catch (error) {
        // It stays and is tried again; those behind it do not wait for it.
        this.#onError(error as Error)
      }
    }
  }

  /** A holder that dies between doing and answering is asked again: the request's name makes that harmless. */
  async #answer(service: InboxService, name: string, stem: string, bytes: Buffer): Promise<object> {
    const { drafts, act, request } = parseRequest(bytes)
    if (act !== undefined)
      return await this.#aloud(stem, tell => service.act(act, request, `inbox:${name}`, tell))
    const named = drafts.map((draft, i) =>
      draft.id === undefined && draft.source === undefined ? { ...draft, id: `inbox:${name}/${i}` } : draft,
    )
    return { answers: await service.drafts(named) }
  }

  /**
   * Writes how far an act has come, and now and then that it is still being done: the asker goes on waiting as long as there is
   * something new.
   */
  async #aloud<T>(
    stem: string,
    act: (tell: (done: number, total: number) => void) => Promise<T>,
  ): Promise<T> {
    let told = 0
    let signs = 0
    let far = { done: 0, total: 0 }
    const write = (): void => {
      told = performance.now()
      const news = JSON.stringify({ v: 1, ...far, sign: signs++ })
      this.#telling = replaceFile(stem + PROGRESS, news, 0o600).catch(this.#onError)
    }
    const signing = setInterval(write, SIGN_MS)
    try {
      return await act((done, total) => {
        far = { done, total }
        if (performance.now() - told >= TELL_MS) write()
      })
    } finally {
      clearInterval(signing)
    }
  }
}

interface Request {
  readonly drafts: readonly Draft[]
  readonly act?: string
  readonly request?: unknown
}

/** A request; one without drafts when it is none of this format, which nobody can be answered for. */
function parseRequest(bytes: Buffer): Request {
  try {
    const { drafts, act, request } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
    if (typeof act === 'string') return { drafts: [], act, request }
    if (Array.isArray(drafts) && drafts.every(isObject)) return { drafts: drafts as Draft[] }
  } catch {}
  return { drafts: [] }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
