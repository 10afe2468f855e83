import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { InboxAnswer, StoreInbox } from '../../log/store.ts'
import { AnnalsError, type Draft } from '../../model/index.ts'
import { readIfThere, replaceFile } from './files.ts'
import { type Layout, layoutOf } from './layout.ts'
import { describeHolder, readHolder } from './lock.ts'

/** How often the holder of a log looks for requests, in milliseconds. */
export const INBOX_POLL_MS = 200
const REQUEST = '.request.json'
const ANSWER = '.answer.json'

/**
 * Leaves drafts for the process that holds the log, durably, and waits for its answer.
 *
 * @throws AnnalsError ANNALS_LOCKED naming the holder when it does not answer in time; the request is withdrawn
 */
export async function leaveRequest(
  dir: string,
  drafts: readonly Draft[],
  timeoutMs: number,
): Promise<readonly InboxAnswer[]> {
  const layout = layoutOf(dir)
  const stem = join(
    layout.inbox,
    `${Date.now().toString().padStart(15, '0')}-${randomBytes(8).toString('hex')}`,
  )
  await replaceFile(stem + REQUEST, JSON.stringify({ v: 1, drafts }), 0o600)
  const until = performance.now() + timeoutMs
  while (performance.now() < until) {
    const bytes = await readIfThere(stem + ANSWER)
    if (bytes !== undefined) {
      rmSync(stem + ANSWER, { force: true })
      return (JSON.parse(bytes.toString('utf8')) as { answers: InboxAnswer[] }).answers
    }
    await delay(50)
  }
  rmSync(stem + REQUEST, { force: true })
  throw new AnnalsError(
    'ANNALS_LOCKED',
    `${describeHolder(readHolder(layout))} holds ${dir} and has not answered within ${timeoutMs} ms.`,
    {
      hint: 'Wait for it or stop it; if it was about to answer, the events may still have been recorded.',
    },
  )
}

/** Serves the requests of other processes while this one holds the log. */
export class Inbox implements StoreInbox {
  readonly #layout: Layout
  readonly #onError: (error: Error) => void
  #serve: (drafts: readonly Draft[]) => Promise<readonly InboxAnswer[]> = async () => []
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(layout: Layout, onError: (error: Error) => void) {
    this.#layout = layout
    this.#onError = onError
  }

  open(serve: (drafts: readonly Draft[]) => Promise<readonly InboxAnswer[]>): void {
    this.#serve = serve
    this.#timer = setInterval(() => this.#look(), INBOX_POLL_MS).unref()
    this.#look()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#running
  }

  #look(): void {
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
      if (bytes === undefined) continue
      try {
        const answers = await this.#answer(name, bytes)
        await replaceFile(stem + ANSWER, JSON.stringify({ v: 1, answers }), 0o600)
        rmSync(stem + REQUEST, { force: true })
      } catch (error) {
        // It stays and is tried again; those behind it do not wait for it.
        this.#onError(error as Error)
      }
    }
  }

  async #answer(name: string, bytes: Buffer): Promise<readonly InboxAnswer[]> {
    const drafts = draftsOf(bytes)
    // A holder that dies between recording and answering is asked again: the request's name makes that harmless.
    return await this.#serve(
      drafts.map((draft, i) =>
        draft.id === undefined && draft.source === undefined ? { ...draft, id: `inbox:${name}/${i}` } : draft,
      ),
    )
  }
}

/** The drafts of a request; none when it is no request of this format, which nobody can be answered for. */
function draftsOf(bytes: Buffer): readonly Draft[] {
  try {
    const { drafts } = JSON.parse(bytes.toString('utf8')) as { readonly drafts?: unknown }
    return Array.isArray(drafts) && drafts.every(isObject) ? drafts : []
  } catch {
    return []
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
