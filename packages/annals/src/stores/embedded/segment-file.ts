import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { positionName } from './layout.ts'

/*
 * Header of a segment file, 64 bytes, `spec/log-v1.md` section "Segment":
 *   16 "annals-seg/v1\0\0\0"   u64be chunk lo   u64be first position   u32be CRC-32 of these   28 zeros
 */

/** Bytes of the header. */
export const SEGMENT_HEADER = 64
const MAGIC = 'annals-seg/v1\0\0\0'

/** Identity of a segment. */
export interface SegmentHead {
  /** First position of the chunk. */
  readonly chunk: number
  /** First position of the segment. */
  readonly first: number
}

/** Forms of a segment on disk, as file names end. Of several with one first position the first in this list counts. */
export const SEGMENT_FORMS = ['spine', 'sealed', 'seg'] as const
/** `seg` as it was written, `sealed` in compressed blocks, `spine` when nothing but leaf hashes is left. */
export type SegmentForm = (typeof SEGMENT_FORMS)[number]

/** A segment on disk. */
export interface SegmentRef {
  readonly first: number
  /** Name of the chunk's directory. */
  readonly chunk: string
  readonly form: SegmentForm
  /** Path of the file. */
  readonly path: string
  /** Path of its search index. */
  readonly index: string
}

/** Header bytes of a segment. */
export function formatSegmentHead(head: SegmentHead): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER)
  bytes.write(MAGIC, 'latin1')
  bytes.writeBigUInt64BE(BigInt(head.chunk), 16)
  bytes.writeBigUInt64BE(BigInt(head.first), 24)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 32)), 32)
  return bytes
}

/** Reads a header; undefined when it is damaged or not whole. */
export function parseSegmentHead(bytes: Buffer): SegmentHead | undefined {
  if (bytes.length < SEGMENT_HEADER || bytes.toString('latin1', 0, 16) !== MAGIC) return undefined
  if (crc32(bytes.subarray(0, 32)) !== bytes.readUInt32BE(32)) return undefined
  if (bytes.subarray(36, SEGMENT_HEADER).some(b => b !== 0)) return undefined
  return { chunk: Number(bytes.readBigUInt64BE(16)), first: Number(bytes.readBigUInt64BE(24)) }
}

/** Path parts of the segment that begins at a position. */
export function segmentRef(
  chunks: string,
  chunk: string,
  first: number,
  form: SegmentForm = 'seg',
): SegmentRef {
  const stem = join(chunks, chunk, positionName(first))
  return { first, chunk, form, path: `${stem}.${form}`, index: `${stem}.idx` }
}

/** The same segment in another form. */
export function inForm(ref: SegmentRef, form: SegmentForm): SegmentRef {
  return { ...ref, form, path: `${ref.path.slice(0, -ref.form.length)}${form}` }
}

/** Every segment below the chunks directory, by position, each in the form that counts. */
export function listSegments(chunks: string): SegmentRef[] {
  return listForms(chunks).filter((ref, i, all) => ref.index !== all[i - 1]?.index)
}

/** What a crash has left: files of segments that another form stands for. */
export function leftSegments(chunks: string): SegmentRef[] {
  const counting = new Set(listSegments(chunks).map(ref => ref.path))
  return listForms(chunks).filter(ref => !counting.has(ref.path))
}

/** Every file of a segment, by position, the form that counts first. */
function listForms(chunks: string): SegmentRef[] {
  const found: SegmentRef[] = []
  for (const chunk of namesIn(chunks)) {
    for (const name of namesIn(join(chunks, chunk))) {
      const match = /^(\d{12,16})\.(seg|sealed|spine)$/.exec(name)
      if (match !== null) found.push(segmentRef(chunks, chunk, Number(match[1]), match[2] as SegmentForm))
    }
  }
  return found.sort(
    (a, b) => a.first - b.first || SEGMENT_FORMS.indexOf(a.form) - SEGMENT_FORMS.indexOf(b.form),
  )
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR' || code === 'ENOENT') return []
    throw error
  }
}
