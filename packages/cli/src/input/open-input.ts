import { createReadStream } from 'node:fs'
import { PassThrough, pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Context } from '../context.ts'

const GZIP = [0x1f, 0x8b]

/** The bytes of a file, or of stdin for `-`; gzip is recognised by its first bytes, whatever the name. */
export async function openInput(
  name: string,
  { stdin }: Pick<Context, 'stdin'>,
): Promise<AsyncIterable<Uint8Array>> {
  const source: Readable = name === '-' ? stdin : createReadStream(name)
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const start = await readStart(chunks)
  const rest = resumed(start, chunks)
  return isGzip(start) ? gunzipped(rest) : rest
}

async function readStart(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array[]> {
  const start: Uint8Array[] = []
  // A pipe may deliver a single byte first.
  for (let size = 0; size < GZIP.length; ) {
    const next = await chunks.next()
    if (next.done === true) break
    start.push(next.value)
    size += next.value.length
  }
  return start
}

function isGzip(start: readonly Uint8Array[]): boolean {
  const head = Buffer.concat(start.map(chunk => chunk.subarray(0, GZIP.length)))
  return GZIP.every((byte, at) => head[at] === byte)
}

async function* resumed(
  start: readonly Uint8Array[],
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* start
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
  } finally {
    await chunks.return?.()
  }
}

function gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const out = new PassThrough()
  // A damaged file ends `out` with the error, which the reader of it gets.
  pipeline(bytes, createGunzip(), out, () => {})
  return out
}
