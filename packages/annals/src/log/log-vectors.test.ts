import { createCipheriv, createHash, createHmac, createPrivateKey, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { canonicalize, formatProof } from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, type Draft, normalizeDraft } from '../model/index.ts'
import { KeyEncryption } from '../stores/embedded/keys/key-encryption.ts'
import { formatSet } from '../stores/embedded/keys/seed-text.ts'
import { formatSegmentHead, parseSegmentHead } from '../stores/embedded/segment-file.ts'
import { punctured } from './class-secrets.ts'
import { writeCommit } from './commit-frame.ts'
import { formatEntry, parseEntry } from './entry.ts'
import { GgmWalk, ggmSeed } from './ggm.ts'
import { LeafTree } from './leaf-tree.ts'
import { formatParts } from './parts.ts'
import { readRecord, recordBound, writeRecord } from './record-bytes.ts'
import { commitment, entryNonce, first16, partKey, partSalt, partSecret, partSeed } from './secrets.ts'
import { LocalSigner } from './signer.ts'

// Vectors of spec/log-v1.md. They are frozen: a changed format gets a new file beside the old. Running this with
// ANNALS_WRITE_VECTORS=1 makes the file when it is missing.
const FILE = new URL('../../../../spec/vectors/log-v1.json', import.meta.url)

const ORIGIN = 'example.com/log'
const SEEDS: Readonly<Record<string, Buffer>> = { standard: counting(0x00), ledger: counting(0x20) }
const PEPPER = counting(0x40)
const SUBJECTS: Readonly<Record<string, { readonly id: Buffer; readonly key: Buffer }>> = {
  'user/alice': { id: Buffer.alloc(16, 0xaa), key: counting(0x60) },
  'user/bob': { id: Buffer.alloc(16, 0x0b), key: counting(0x80) },
}
const SIGNED_AT = 1_763_712_002
/** PKCS #8 header of an Ed25519 private key (RFC 8410); its 32 bytes follow. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const LOG_KEY = counting(0xa0)
const COSIGNER_KEY = counting(0xc0)
const KEK = counting(0xe0)

interface Given {
  readonly draft: Draft
  readonly own?: true
  readonly id: string
  readonly operation?: string
  readonly time: number
  readonly counter: number
  /** Idempotency key of the draft: system and key. */
  readonly key?: readonly [system: string, key: string]
  /** Persons of each part. */
  readonly persons: Readonly<Record<string, readonly string[]>>
}

const SOURCE = '00112233445566aa/1'
const EVENTS: readonly Given[] = [
  {
    draft: {
      action: 'log.open',
      actor: { type: 'system', id: 'annals' },
      occurredAt: '2025-11-21T08:00:00.000Z',
      retention: 'ledger',
      visibility: 'operator',
      data: { origin: ORIGIN, period: 'day' },
    },
    own: true,
    id: '019aa56d-6000-7000-8000-000000000001',
    time: 1_763_712_000_000,
    counter: 1,
    persons: {},
  },
  {
    draft: {
      action: 'machine.delete',
      occurredAt: '2025-11-21T08:00:00.200Z',
      phase: 'attempt',
      actor: { type: 'user', id: 'alice', name: 'Alice' },
      targets: [{ type: 'machine', id: 'web-3', name: 'wéb "3"' }],
      origin: { ip: '192.0.2.7', requestId: 'req-1' },
      tags: { env: 'prod' },
      tenant: 'acme',
    },
    id: '019aa56d-60fa-7000-8000-000000000002',
    time: 1_763_712_000_250,
    counter: 2,
    persons: { who: ['user/alice'] },
  },
  {
    draft: {
      action: 'user.update',
      id: 'update-17',
      phase: 'outcome',
      operation: '019aa56d-60fa-7000-8000-000000000002',
      occurredAt: '2025-11-21T08:00:01.000Z',
      outcome: { result: 'failure', code: 'Timeout', durationMs: 1.5 },
      actor: { type: 'user', id: 'alice', onBehalfOf: { type: 'user', id: 'bob' } },
      targets: [{ type: 'user', id: 'bob' }],
      changes: [{ path: '/email', op: 'replace', before: null, after: 'b@example.com' }],
    },
    id: '019aa56d-63e8-7000-8000-000000000003',
    operation: '019aa56d-60fa-7000-8000-000000000002',
    time: 1_763_712_001_000,
    counter: 3,
    key: ['', 'update-17'],
    persons: { who: ['user/alice', 'user/bob'], what: ['user/bob'] },
  },
]

const entries = EVENTS.map(entryVector)
const made = await vectors()

describe('vectors of the log format', () => {
  it('the committed file is what the code makes', () => {
    if (!existsSync(FILE) && process.env['ANNALS_WRITE_VECTORS'] === '1')
      writeFileSync(FILE, `${JSON.stringify(made, null, 2)}\n`)
    expect(made).toEqual(JSON.parse(readFileSync(FILE, 'utf8')))
  })

  it('entries parse strictly and records read back', () => {
    for (const { text, record, parts } of entries) {
      parseEntry(Buffer.from(text))
      const read = readRecord(Buffer.from(record, 'hex'), 0, 'all')
      expect(read.entry.toString()).toBe(text)
      expect(read.parts.map(part => part.bytes?.toString())).toEqual(parts.map(part => part.text))
      for (const part of parts) expect(canonicalize(JSON.parse(part.text))).toBe(part.text)
    }
    expect(parseSegmentHead(Buffer.from(made.segment.header, 'hex'))).toEqual({ chunk: 0, first: 0 })
  })

  it('wrapped secrets can be unwrapped', () => {
    const { kek, aad, secret, wrapped } = made.wrapped
    const name = Buffer.from(aad, 'hex').toString('latin1')
    const found = new KeyEncryption(Buffer.from(kek, 'hex')).unwrap(Buffer.from(wrapped, 'hex'), name)
    expect(hex(found)).toBe(secret)
  })

  it('another implementation, written out plainly, gives the same', () => {
    for (const { offset, leaf } of made.ggm.leaves) expect(plainLeaf(SEEDS['standard'], offset)).toBe(leaf)
    for (const [nth, entry] of entries.entries()) {
      const g = Buffer.from(plainLeaf(SEEDS[entry.class], entry.index), 'hex')
      expect(base64url(hash('annals-n/v1\0', g).subarray(0, 16))).toBe(entry.nonce)
      for (const part of entry.parts) {
        const name = Buffer.concat([u16(part.name.length), Buffer.from(part.name)])
        const e = hash('annals-e/v1\0', g, name)
        const keys = part.keys
          .map(person => SUBJECTS[person])
          .sort((a, b) => Buffer.compare(a?.id as Buffer, b?.id as Buffer))
        const ps =
          keys.length === 0 ? e : hash('annals-ps/v1\0', e, ...keys.map(subject => subject?.key as Buffer))
        const salt = hash('annals-salt/v1\0', ps)
        expect(e.toString('hex')).toBe(part.e)
        expect(ps.toString('hex')).toBe(part.ps)
        expect(salt.toString('hex')).toBe(part.salt)
        expect(hash('annals-key/v1\0', ps).toString('hex')).toBe(part.key)
        const committed = base64url(hash('annals-part/v1\0', salt, name, Buffer.from(part.text)))
        expect(committed).toBe(part.commitment)
        expect(JSON.parse(entry.text).c[part.name]).toBe(committed)
      }
      expect(hash('', Buffer.from([0]), Buffer.from(entry.text)).toString('hex')).toBe(entry.leaf)
      expect(plainRecord(nth)).toBe(entry.record)
    }
    const { seed, set, punctures, nodes } = made.punctured
    const e = hash(
      'annals-e/v1\0',
      Buffer.from(plainLeaf(Buffer.from(seed, 'hex'), 6), 'hex'),
      u16(3),
      Buffer.from('who'),
    )
    const gone = punctures.map(({ offset }) => offset)
    const part = Buffer.concat([u32(6), Buffer.from([3]), Buffer.from('who'), e])
    expect(Buffer.concat([plainSet(Buffer.from(seed, 'hex'), gone), u32(1), part]).toString('hex')).toBe(set)
    for (const { depth, first, node } of nodes.filter(({ depth }) => depth === 32))
      expect([depth, plainLeaf(Buffer.from(seed, 'hex'), first)]).toEqual([32, node])
    const [a, b, c] = entries.map(entry => Buffer.from(entry.leaf, 'hex')) as [Buffer, Buffer, Buffer]
    const one = Buffer.from([1])
    const root = hash('', one, hash('', one, a, b), c)
    expect(root.toString('hex')).toBe(made.tree.root)
    const frame = Buffer.concat([
      Buffer.from([2]),
      Buffer.from('ANNALSC'),
      u64(0),
      u32(2),
      u32(made.commit.bytes),
    ])
    expect(Buffer.concat([u32(28), u32(crc32(frame)), frame]).toString('hex')).toBe(made.commit.frame)
    const head = Buffer.concat([Buffer.from('annals-seg/v1\0\0\0'), u64(0), u64(0)])
    expect(Buffer.concat([head, u32(crc32(head)), Buffer.alloc(28)]).toString('hex')).toBe(
      made.segment.header,
    )
    expect(made.signed.checkpoint.split('\n').slice(0, 3)).toEqual([ORIGIN, '3', root.toString('base64')])
  })
})

/** Everything in the file. */
async function vectors() {
  const tree = new LeafTree()
  for (const { leaf } of entries) tree.append(latin1(Buffer.from(leaf, 'hex')), [])
  const root = hex(tree.root())
  const records = entries.map(entry => Buffer.from(entry.record, 'hex'))
  const first = frameOf(0, records.slice(0, 2))
  const header = formatSegmentHead({ chunk: 0, first: 0 })
  const file = Buffer.concat([
    header,
    ...records.slice(0, 2),
    first,
    ...records.slice(2),
    frameOf(2, records.slice(2)),
  ])
  const signed = await signedVector(root)
  return {
    about: 'Vectors of spec/log-v1.md. Bytes are hexadecimal; text is written as UTF-8. Frozen.',
    ggm: {
      seed: hex(SEEDS['standard']),
      leaves: [0, 1, 2 ** 31, 2 ** 32 - 1].map(offset => ({
        offset,
        leaf: hex(new GgmWalk(latin1(SEEDS['standard'])).leaf(offset) as string),
      })),
    },
    secrets: {
      lo: 0,
      seeds: { standard: hex(SEEDS['standard']), ledger: hex(SEEDS['ledger']) },
      pepper: hex(PEPPER),
      subjects: Object.entries(SUBJECTS).map(([person, { id, key }]) => ({
        person,
        id: hex(id),
        key: hex(key),
        tag: hex(tagOf(person)),
      })),
    },
    wrapped: wrappedVector(),
    punctured: puncturedVector(),
    idempotency: { system: '', key: 'update-17', k: idempotencyOf('', 'update-17') },
    entries,
    tree: { size: 3, root },
    commit: { from: 0, count: 2, bytes: records[0]!.length + records[1]!.length, frame: hex(first) },
    segment: { chunk: 0, first: 0, header: hex(header), file: hex(file) },
    signed,
    receipt: {
      index: 1,
      text: formatProof({
        extra: Buffer.from(canonicalize({ entry: JSON.parse(entries[1]!.text) })),
        index: 1,
        hashes: [entries[0]!.leaf, entries[2]!.leaf].map(leaf => Buffer.from(leaf, 'hex')),
        checkpoint: signed.checkpoint,
      }),
    },
  }
}

function entryVector(given: Given, index: number) {
  const normal = normalizeDraft(given.draft, {
    limits: DEFAULT_LIMITS,
    now: given.time,
    own: given.own === true,
  })
  const g = new GgmWalk(latin1(SEEDS[normal.retention])).leaf(index) as string
  const parts = formatParts(normal).map(({ name, json }) => {
    const persons = given.persons[name] ?? []
    const subjects = persons.map(person => SUBJECTS[person]!).sort((a, b) => Buffer.compare(a.id, b.id))
    const e = partSeed(g, name)
    const ps = partSecret(
      e,
      subjects.map(subject => latin1(subject.key)),
    )
    return {
      name,
      keys: persons,
      e: hex(e),
      ps: hex(ps),
      salt: hex(partSalt(ps)),
      key: hex(partKey(ps)),
      text: json,
      commitment: commitment(partSalt(ps), name, Buffer.from(json)),
    }
  })
  const nonce = entryNonce(g)
  const text = formatEntry(
    {
      action: normal.action,
      id: given.id,
      ...(given.key === undefined ? {} : { key: idempotencyOf(...given.key) }),
      nonce,
      result: normal.outcome.result,
      ...(given.operation === undefined ? {} : { operation: given.operation }),
      phase: normal.phase,
      retention: normal.retention,
      recordedAt: given.time,
    },
    parts.map(part => ({ name: part.name, value: part.commitment })),
    SOURCE,
    given.counter,
  )
  const into = Buffer.alloc(
    recordBound(
      text,
      parts.map(part => ({ name: part.name, json: part.text })),
      4,
    ),
  )
  const end = writeRecord(
    into,
    0,
    text,
    parts.map(part => ({ name: part.name, keys: refsOf(part.keys), bytes: Buffer.from(part.text) })),
  )
  const leaf = hash('', Buffer.from([0]), Buffer.from(text)).toString('hex')
  return {
    index,
    class: normal.retention,
    g: hex(g),
    nonce,
    parts,
    text,
    leaf,
    record: hex(into.subarray(0, end)),
  }
}

async function signedVector(root: string) {
  const keys = { log: privateKey(LOG_KEY), cosigner: privateKey(COSIGNER_KEY) }
  const memory = { load: async () => undefined, save: async () => {} }
  const signer = new LocalSigner(ORIGIN, keys, memory, () => SIGNED_AT)
  const note = await signer.sign(3, Buffer.from(root, 'hex'), async () => [])
  return {
    logKey: hex(LOG_KEY),
    cosignerKey: hex(COSIGNER_KEY),
    time: SIGNED_AT,
    vkey: signer.vkey,
    cosignerVkey: signer.cosignerVkey,
    checkpoint: Buffer.from(note).toString('utf8'),
  }
}

/** The seed of `standard` without its position 5, and without 6 but for the secret of one part. */
function puncturedVector() {
  const seed = { nodes: ggmSeed(latin1(SEEDS['standard'])), parts: [] }
  const punctures = [
    { offset: 5, kept: [] },
    { offset: 6, kept: ['who'] },
  ]
  const set = punctured(seed, punctures)
  return {
    seed: hex(SEEDS['standard']),
    punctures,
    nodes: set.nodes.map(({ depth, first, node }) => ({ depth, first, node: hex(node) })),
    parts: set.parts.map(({ offset, name, e }) => ({ offset, name, e: hex(e) })),
    set: hex(formatSet(set)),
    aad: hex('annals-punctured/v1\0' + '0\0standard'),
  }
}

function refsOf(persons: readonly string[]) {
  return persons
    .map(person => ({ id: latin1(SUBJECTS[person]!.id), tag: latin1(tagOf(person)) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function frameOf(from: number, records: readonly Buffer[]): Buffer {
  const frame = Buffer.alloc(32)
  const bytes = records.reduce((total, record) => total + record.length, 0)
  writeCommit(frame, 0, { from, count: records.length, bytes })
  return frame
}

/** AES-256-GCM with a fixed nonce: `nonce ‖ ciphertext ‖ tag`. */
function wrappedVector() {
  const name = 'annals-seed/v1\0' + '0\0standard'
  const nonce = Buffer.from('000102030405060708090a0b', 'hex')
  const cipher = createCipheriv('aes-256-gcm', KEK, nonce).setAAD(Buffer.from(name, 'latin1'))
  const wrapped = Buffer.concat([
    nonce,
    cipher.update(SEEDS['standard'] as Buffer),
    cipher.final(),
    cipher.getAuthTag(),
  ])
  return { kek: hex(KEK), aad: hex(name), secret: hex(SEEDS['standard']), wrapped: hex(wrapped) }
}

/** First 16 bytes of HMAC-SHA-256(pepper, "annals-person/v1" ‖ 0 ‖ type ‖ 0 ‖ id). */
function tagOf(person: string): Buffer {
  const [type, id] = person.split('/') as [string, string]
  return createHmac('sha256', PEPPER).update(`annals-person/v1\0${type}\0${id}`).digest().subarray(0, 16)
}

function idempotencyOf(system: string, key: string): string {
  return first16(createHmac('sha256', PEPPER).update(`${system}\0${key}`).digest('base64url'))
}

/** What is left of a seed as the specification has it: at every fork the child with nothing punctured below is kept whole. */
function plainSet(seed: Buffer, gone: readonly number[]): Buffer {
  const nodes: Buffer[] = []
  const visit = (node: Buffer, depth: number, first: number): void => {
    const last = first + 2 ** (32 - depth) - 1
    if (!gone.some(offset => offset >= first && offset <= last))
      nodes.push(Buffer.concat([Buffer.from([depth]), u32(first), node]))
    else if (depth < 32) {
      visit(hash('', Buffer.from([2]), node), depth + 1, first)
      visit(hash('', Buffer.from([3]), node), depth + 1, first + 2 ** (31 - depth))
    }
  }
  visit(seed, 0, 0)
  return Buffer.concat([u32(nodes.length), ...nodes])
}

/** The derivation as the specification has it, one bit at a time. */
function plainLeaf(seed: Buffer | undefined, offset: number): string {
  let node = seed as Buffer
  for (const bit of offset.toString(2).padStart(32, '0'))
    node = hash('', Buffer.from([bit === '0' ? 2 : 3]), node)
  return node.toString('hex')
}

function plainRecord(nth: number): string {
  const { text, parts } = entries[nth]!
  const header = Buffer.concat([
    Buffer.from([1]),
    u16(text.length),
    Buffer.from(text),
    Buffer.from([parts.length]),
    ...parts.flatMap(part => {
      const keys = part.keys
        .map(person => Buffer.concat([SUBJECTS[person]!.id, tagOf(person)]))
        .sort(Buffer.compare)
      const bytes = Buffer.from(part.text)
      const name = Buffer.from(part.name)
      return [
        Buffer.from([name.length]),
        name,
        Buffer.from([0]),
        u16(keys.length),
        ...keys,
        u32(bytes.length),
        u32(crc32(bytes)),
      ]
    }),
  ])
  const bodies = parts.map(part => Buffer.from(part.text))
  const length = 4 + header.length + bodies.reduce((total, body) => total + body.length, 0)
  return Buffer.concat([u32(length), u32(crc32(header)), header, ...bodies]).toString('hex')
}

function hash(label: string, ...parts: readonly Buffer[]): Buffer {
  const digest = createHash('sha256').update(label, 'latin1')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

function counting(from: number): Buffer {
  return Buffer.from(Array.from({ length: 32 }, (_, i) => from + i))
}

function privateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
}

function latin1(bytes: Buffer | undefined): string {
  return (bytes as Buffer).toString('latin1')
}

function hex(bytes: Buffer | string | undefined): string {
  return (typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : (bytes as Buffer)).toString('hex')
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url')
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
