import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { InboxAnswer, InboxError } from '../../log/store.ts'
import { AnnalsError, type Draft } from '../../model/index.ts'
import { readIfThere, replaceFile, shredFile } from './files.ts'
import { layoutOf } from './layout.ts'
import { describeHolder, readHolder } from './lock.ts'

export const REQUEST = '.request.json'
export const ANSWER = '.answer.json'
export const PROGRESS = '.progress.json'

/** How long an asker waits, in all for drafts, and without news for an act. */
export interface Patience {
  readonly timeoutMs: number
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

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
  const { answers } = (await ask(dir, { drafts }, { timeoutMs })) as { answers: InboxAnswer[] }
  return answers
}

/**
 * Asks the process that holds the log to perform an act, and waits as long as it tells of progress.
 *
 * @throws AnnalsError ANNALS_LOCKED naming the holder when it is silent for too long; the request is withdrawn
 */
export async function leaveAct(
  dir: string,
  act: string,
  request: unknown,
  patience: Patience,
): Promise<{ readonly result: unknown } | InboxError> {
  return (await ask(dir, { act, request }, patience)) as { readonly result: unknown } | InboxError
}

async function ask(dir: string, body: object, { timeoutMs, onProgress }: Patience): Promise<unknown> {
  const layout = layoutOf(dir)
  const name = `${Date.now().toString().padStart(15, '0')}-${randomBytes(8).toString('hex')}`
  const stem = join(layout.inbox, name)
  await replaceFile(stem + REQUEST, JSON.stringify({ v: 1, ...body }), 0o600)
  let until = performance.now() + timeoutMs
  let told = ''
  while (performance.now() < until) {
    const bytes = await readIfThere(stem + ANSWER)
    if (bytes !== undefined) {
      await shredFile(stem + ANSWER)
      return JSON.parse(bytes.toString('utf8'))
    }
    const news = (await readIfThere(stem + PROGRESS))?.toString('utf8') ?? ''
    if (news !== told) {
      told = news
      until = performance.now() + timeoutMs
      const { done, total } = JSON.parse(news) as { done: number; total: number }
      onProgress?.(done, total)
    }
    await delay(50)
  }
  await shredFile(stem + REQUEST)
  throw new AnnalsError(
    'ANNALS_LOCKED',
    `${describeHolder(readHolder(layout))} holds ${dir} and has not answered within ${timeoutMs} ms.`,
    {
      hint: 'Wait for it or stop it; if it was about to answer, it may still have done what was asked.',
    },
  )
}
