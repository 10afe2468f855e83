import { createReadStream } from 'node:fs'
import { PassThrough, pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Context } from '../context.ts'
import { Failure } from '../failure/failure.ts'

const GZIP = [0x1f, 0x8b]
const ADVICE = 'Get a whole copy of it; "gzip -t" tells whether it is.'

/**
 * The bytes of a file, or of stdin for `-`; gzip is recognised by its first bytes, whatever the name. Damaged gzip ends them with
 * a Failure that gives the advice.
 */
export async function openInput(
  name: string,
  { stdin }: Pick<Context, 'stdin'>,
  advice: string = ADVICE,
): Promise<AsyncIterable<Uint8Array>> {
  const source: Readable = name === '-' ? stdin : createReadStream(name)
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const start = await readStart(chunks)
  const rest = resumed(start, chunks)
  return isGzip(start) ? gunzipped(rest, name === '-' ? 'standard input' : name, advice) : rest
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

async function* gunzipped(
  bytes: AsyncIterable<Uint8Array>,
  place: string,
  hint: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const out = new PassThrough()
  // A damaged file ends `out` with the error, which the reader of it gets.
  pipeline(bytes, createGunzip(), out, () => {})
  try {
    yield* out as AsyncIterable<Uint8Array>
  } catch (error) {
    throw damaged(error, place, hint)
  }
}

function damaged(error: unknown, place: string, hint: string): unknown {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) return error
  const short = error.code === 'Z_BUF_ERROR'
  return new Failure(`${place} ${short ? 'ends too early' : 'is damaged'}`, {
    exit: 1,
    code: 'GZIP',
    why: short ? 'its gzip data is cut off' : `its gzip data cannot be unpacked: ${error.message}`,
    hint,
    cause: error,
  })
}
