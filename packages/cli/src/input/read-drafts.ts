import type { Draft } from 'annals'

/** A place of the input: a draft, or the reason why there is none. */
export type InputDraft =
  | { readonly line: number; readonly draft: Draft }
  | { readonly line: number; readonly reason: string }

const LF = 10
const BRACKET = 0x5b
const LONGEST = 8 * 1024 * 1024
const ARRAY_BATCH = 500

/**
 * Reads drafts from ndjson or from a JSON array. Of ndjson it yields, at each step, all that has arrived: what may still come
 * through a pipe that stays open is not waited for.
 */
export async function* readDrafts(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly InputDraft[], void, undefined> {
  const source = input[Symbol.asyncIterator]()
  try {
    const start: Uint8Array[] = []
    let first: number | undefined
    while (first === undefined) {
      const next = await source.next()
      if (next.done === true) return
      start.push(next.value)
      first = next.value.find(byte => byte > 0x20)
    }
    const all = resumed(start, source)
    yield* first === BRACKET ? readArray(all) : readLines(all)
  } finally {
    await source.return?.()
  }
}

async function* readLines(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly InputDraft[], void, undefined> {
  let pending: Uint8Array[] = []
  let line = 1
  for await (const chunk of input) {
    const end = chunk.lastIndexOf(LF)
    if (end < 0) {
      pending.push(chunk)
      continue
    }
    const lines = textOf([...pending, chunk.subarray(0, end)]).split('\n')
    pending = [chunk.subarray(end + 1)]
    yield lines.flatMap((text, at) => draftOf(text, line + at))
    line += lines.length
  }
  yield draftOf(textOf(pending), line)
}

async function* readArray(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly InputDraft[], void, undefined> {
  const { readRecords } = await import('annals/importers/read-records')
  let batch: InputDraft[] = []
  for await (const found of readRecords(input)) {
    batch.push('reason' in found ? found : checked(found.record, found.line))
    if (batch.length < ARRAY_BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}

async function* resumed(
  start: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* start
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

function textOf(chunks: readonly Uint8Array[]): string {
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function draftOf(text: string, line: number): InputDraft[] {
  if (text.trim() === '') return []
  if (text.length > LONGEST) return [{ line, reason: `longer than ${LONGEST} characters` }]
  try {
    return [checked(JSON.parse(text), line)]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [{ line, reason: `not JSON: ${reason}; one object a line is expected` }]
  }
}

function checked(value: unknown, line: number): InputDraft {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { line, reason: 'a draft is a JSON object' }
  // The kernel checks every member and names its path; only that it is an object is settled here.
  return { line, draft: value as Draft }
}
