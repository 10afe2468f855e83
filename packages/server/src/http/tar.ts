import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

const BLOCK = 512
/** Bytes that are read at a time. */
const PIECE = 256 * 1024
/** Above it a size is written in base 256, as GNU tar and libarchive read it. */
const LARGEST_OCTAL = 8 ** 11 - 1

/**
 * Files of a directory as a tar archive (POSIX ustar), in the order given, with fixed owner and mode.
 *
 * @param names plain names of at most 100 ASCII characters
 */
export async function* tarOf(dir: string, names: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const name of names) {
    const { size, mtimeMs } = await stat(join(dir, name))
    yield headerOf(name, size, Math.floor(mtimeMs / 1000))
    let length = 0
    for await (const piece of createReadStream(join(dir, name), { highWaterMark: PIECE })) {
      length += (piece as Buffer).length
      yield piece as Buffer
    }
    if (length !== size) throw new Error('a file changed while it was read')
    const over = size % BLOCK
    if (over > 0) yield Buffer.alloc(BLOCK - over)
  }
  yield Buffer.alloc(2 * BLOCK)
}

function headerOf(name: string, size: number, time: number): Buffer {
  if (!/^[\w.-]{1,100}$/.test(name)) throw new TypeError('tar: a plain name of at most 100 characters')
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, digits: number): void => {
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1')
  }
  header.write(name, 0, 'latin1')
  octal(0o600, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  if (size <= LARGEST_OCTAL) octal(size, 124, 11)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(size), 128)
  }
  octal(time, 136, 11)
  header.write('        0', 148, 'latin1')
  header.write('ustar\u000000', 257, 'latin1')
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  )
  header[154] = 0
  return header
}
