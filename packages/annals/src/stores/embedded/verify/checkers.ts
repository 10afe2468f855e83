import type { FoundSoFar } from '../../../verify/findings.ts'
import { moduleBeside, Thread } from '../thread/thread.ts'
import { openChecker } from './checker.ts'
import type { IndexTask } from './index-check.ts'
import type { Piece, PieceResult, PieceSettings } from './piece.ts'

/** Where pieces are checked: in this thread, or in several others. */
export interface Checkers {
  /** Pieces that may be under way at a time. */
  readonly width: number
  piece(piece: Piece): Promise<PieceResult>
  index(task: IndexTask): Promise<FoundSoFar>
  close(): Promise<void>
}

/** Checks everything in this thread: for small logs, since a thread takes longer to start than they take to check. */
export async function hereChecker(settings: PieceSettings): Promise<Checkers> {
  const checker = await openChecker(settings)
  return {
    width: 1,
    piece: async piece => checker.piece(piece),
    index: async task => checker.index(task),
    close: async () => checker.close(),
  }
}

/** Threads that share the work, each piece going to the one that has least to do. */
export function threadCheckers(count: number, settings: PieceSettings): Checkers {
  const threads = Array.from({ length: count }, () => ({
    thread: new Thread(moduleBeside(import.meta.url, './verify-worker'), settings),
    waiting: 0,
  }))
  const call = async (method: string, argument: unknown): Promise<unknown> => {
    const least = threads.reduce((a, b) => (b.waiting < a.waiting ? b : a))
    least.waiting++
    try {
      return await least.thread.call(method, argument)
    } finally {
      least.waiting--
    }
  }
  return {
    width: 2 * count,
    piece: async piece => revive((await call('piece', piece)) as PieceResult),
    index: async task => (await call('index', task)) as FoundSoFar,
    close: async () => {
      await Promise.all(threads.map(({ thread }) => thread.close()))
    },
  }
}

/** Buffers cross threads as plain byte arrays. */
function revive(result: PieceResult): PieceResult {
  const runs = result.runs.map(run => {
    const { hashes } = run
    return hashes === null
      ? run
      : { ...run, hashes: Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength) }
  })
  return { ...result, runs }
}
