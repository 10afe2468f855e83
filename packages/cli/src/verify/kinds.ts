import { chunk } from './chunk.ts'
import { evidence } from './evidence.ts'
import type { Verifiable } from './kind.ts'
import { log } from './log.ts'
import { receipt } from './receipt.ts'

/** Everything that can be verified by itself; the first that recognises a path has it. */
export const KINDS: readonly Verifiable[] = [log, chunk, evidence, receipt]

/** What lies at a path; taken for the directory of a log when it is nothing that is known. */
export async function kindOf(path: string): Promise<Verifiable> {
  for (const kind of KINDS) if (await kind.recognises(path)) return kind
  return log
}
