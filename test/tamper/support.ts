import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { writeCommit } from '../../packages/annals/src/log/commit-frame.ts'
import { type StoredRecord, writeRecord } from '../../packages/annals/src/log/record-bytes.ts'
import { openEmbedded } from '../../packages/annals/src/stores/embedded/index.ts'
import {
  formatSegmentHead,
  listSegments,
  type SegmentRef,
} from '../../packages/annals/src/stores/embedded/segment-file.ts'
import { scanSegment } from '../../packages/annals/src/stores/embedded/segment-scan.ts'
import {
  type VerifyDirectoryOptions,
  verifyDirectory,
} from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import { openTrail } from '../../packages/annals/src/trail/open-trail.ts'
import type { Trail } from '../../packages/annals/src/trail/trail.ts'

/** How a test log is made. */
export interface LogShape {
  readonly entries: number
  /** Entries of a segment. */
  readonly segment?: number
  /** Events of one `recordAll`. */
  readonly batch?: number
  readonly origin?: string
}

/** A directory that goes when the test ends. */
export function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-tamper-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Opens a trail on a directory, with small segments. */
export async function openSmall(dir: string, shape: Partial<LogShape> = {}): Promise<Trail> {
  const segments = { events: shape.segment ?? 1_000, bytes: 1e9 }
  return await openTrail({ store: await openEmbedded({ dir, origin: shape.origin, segments }) })
}

/** Records small events of two actors in batches. */
export async function recordSome(trail: Trail, count: number, batch = 5): Promise<void> {
  for (let at = 0; at < count; at += batch) {
    const drafts = Array.from({ length: Math.min(batch, count - at) }, (_, i) => ({
      action: 'door.open',
      actor: { type: 'user', id: (at + i) % 2 === 0 ? 'ann' : 'bob' },
      targets: [{ type: 'door', id: `d${at + i}` }],
    }))
    await trail.recordAll(drafts)
  }
}

/** Makes a log of at least so many entries and closes it. */
export async function makeLog(shape: LogShape): Promise<string> {
  const dir = temporary()
  const trail = await openSmall(dir, shape)
  await recordSome(trail, shape.entries, shape.batch)
  await trail.close()
  return dir
}

/** A directory that whoever asks for it removes. */
export function lasting(): string {
  return mkdtempSync(join(tmpdir(), 'annals-tamper-'))
}

/** A copy of a log's directory. */
export function copyOf(dir: string, copy: string = temporary()): string {
  cpSync(dir, copy, { recursive: true })
  return copy
}

/** The segments of a log, in order. */
export function segmentsOf(dir: string): SegmentRef[] {
  return listSegments(join(dir, 'chunks'))
}

/** Every file below a directory. */
export function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** What verification found, as `CODE@index`. */
export async function codes(dir: string, options: VerifyDirectoryOptions = {}): Promise<string[]> {
  const { findings, ok } = await verifyDirectory(dir, options)
  const failed = findings.some(finding => finding.code.startsWith('E_'))
  if (failed === ok) throw new Error('ok contradicts the findings')
  return findings.map(({ code, index }) => (index === undefined ? code : `${code}@${index}`))
}

/** Verifies with single bytes of a file altered, one at a time; returns the offsets at which that was not noticed. */
export async function flipEach(
  dir: string,
  path: string,
  offsets: Iterable<number>,
  noticed: (codes: readonly string[], offset: number) => boolean,
): Promise<{ offset: number; found: string[] }[]> {
  const bytes = readFileSync(path)
  const missed: { offset: number; found: string[] }[] = []
  const file = openSync(path, 'r+')
  try {
    for (const offset of offsets) {
      const byte = bytes.readUInt8(offset)
      writeSync(file, Uint8Array.of(byte ^ (1 << (offset % 8))), 0, 1, offset)
      const found = await codes(dir)
      if (!noticed(found, offset)) missed.push({ offset, found })
      writeSync(file, Uint8Array.of(byte), 0, 1, offset)
    }
  } finally {
    closeSync(file)
  }
  return missed
}

/** A record as an attacker writes it: the entry's text, and parts by name. */
export interface Forged {
  entry: string
  parts: { name: string; bytes: Uint8Array; keys: StoredRecord['parts'][number]['keys']; erased?: true }[]
}

/** The records of a segment, to be altered. */
export function readForged(ref: SegmentRef): Forged[] {
  const records: Forged[] = []
  scanSegment(readFileSync(ref.path), (_, record) => {
    records.push({
      entry: record.entry.toString('latin1'),
      parts: record.parts.map(part => ({
        name: part.name,
        keys: part.keys,
        bytes: Buffer.from(part.bytes ?? []),
      })),
    })
  })
  return records
}

/** Writes a segment anew with records that may be forged: lengths, CRCs and frames are all as the format asks for. */
export function writeForged(ref: SegmentRef, records: readonly Forged[], chunk = 0, batch = 5): void {
  const bytes = Buffer.alloc(1_000 + records.reduce((sum, record) => sum + 8_000 + record.entry.length, 0))
  formatSegmentHead({ chunk, first: ref.first }).copy(bytes)
  let at = 64
  for (let i = 0; i < records.length; i += batch) {
    const start = at
    const appended = records.slice(i, i + batch)
    for (const record of appended) {
      const begin = at
      at = writeRecord(bytes, at, record.entry, record.parts)
      markErased(bytes, begin, record)
    }
    at = writeCommit(bytes, at, { from: ref.first + i, count: appended.length, bytes: at - start })
  }
  writeFileSync(ref.path, bytes.subarray(0, at))
}

/** Sets the flag of erased parts and mends the header's CRC. */
function markErased(bytes: Buffer, begin: number, record: Forged): void {
  let at = begin + 8 + 3 + record.entry.length + 1
  for (const part of record.parts) {
    at += 1 + part.name.length
    if (part.erased) bytes[at] = 1
    at += 3 + 32 * part.keys.length + 8
  }
  if (record.parts.some(part => part.erased))
    bytes.writeUInt32BE(crc32(bytes.subarray(begin + 8, at)), begin + 4)
}
