/** A line without its line break, or the fact that it was too long to keep. */
export type Line =
  | { readonly line: number; readonly bytes: Uint8Array }
  | { readonly line: number; readonly bytes: undefined }

const LF = 10

/**
 * Splits a byte stream at line feeds (`\n`; a carriage return before it stays, it is JSON white space). The last line needs no
 * line break. A line of more than `maxBytes` comes without its bytes. Memory: one chunk and one line.
 *
 * @example
 * ```ts
 * for await (const { line, bytes } of splitLines(stream, 1024)) console.log(line, bytes?.length ?? 'too long')
 * ```
 */
export async function* splitLines(
  input: AsyncIterable<Uint8Array>,
  maxBytes: number,
  firstLine = 1,
): AsyncGenerator<Line, void, undefined> {
  let line = firstLine
  let held: Uint8Array[] = []
  let length = 0
  for await (const chunk of input) {
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      length += at - from
      if (length > maxBytes) yield { line, bytes: undefined }
      else yield { line, bytes: joined(held, chunk.subarray(from, at)) }
      held = []
      length = 0
      line += 1
      from = at + 1
    }
    if (from < chunk.length) {
      length += chunk.length - from
      if (length > maxBytes) held = []
      // A copy, because a producer may reuse its buffer for the next chunk.
      else held.push(chunk.slice(from))
    }
  }
  if (length > maxBytes) yield { line, bytes: undefined }
  else if (length > 0) yield { line, bytes: joined(held, new Uint8Array()) }
}

/** The bytes of some pieces and a last one, as one array. */
export function joined(pieces: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  if (pieces.length === 0) return last
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, last.length))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  all.set(last, at)
  return all
}
