import { createHash, createHmac, createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { canonicalize, formatProof } from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, type Draft, normalizeDraft } from '../model/index.ts'
import { formatSegmentHead } from '../stores/embedded/segment-file.ts'
import { writeCommit } from './commit-frame.ts'
import { sha256 } from './digest.ts'
import { formatEntry, parseEntry } from './entry.ts'
import { GgmWalk } from './ggm.ts'
import { LeafTree } from './leaf-tree.ts'
import { formatParts } from './parts.ts'
import { readRecord, recordBound, writeRecord } from './record-bytes.ts'
import { commitment, entryNonce, first16, partKey, partSalt, partSecret, partSeed } from './secrets.ts'
import { LocalSigner } from './signer.ts'

// The vectors of spec/log-v1.md. Frozen: a changed format is a new file. Run with ANNALS_WRITE_VECTORS=1 to make a missing one.
const FILE = new URL('../../../../spec/vectors/log-v1.json', import.meta.url)
const PKCS8 = '302e020100300506032b657004220420'

const SEEDS = { standard: run(0x00), ledger: run(0x20) } as const
const PEPPER = run(0x40)
const PERSONS = {
  'user/alice': { id: Buffer.alloc(16, 0xaa), key: run(0x60) },
  'user/bob': { id: Buffer.alloc(16, 0x0b), key: run(0x80) },
} as const
type PersonName = keyof typeof PERSONS

interface Given {
  readonly draft: Draft
  readonly own?: boolean
  readonly id: string
  readonly operation?: string
  readonly time: number
  readonly source: string
  readonly counter: number
  readonly persons: Readonly<Record<string, readonly PersonName[]>>
}

const EVENTS: readonly Given[] = [
  {
    draft: {
      action: 'log.open',
      actor: { type: 'system', id: 'annals' },
      retention: 'ledger',
      visibility: 'operator',
      data: { origin: 'example.com/log', period: 'day', vkey: '(not part of this vector)' },
    },
    own: true,
    id: '019a9e1c-7c00-7000-8000-000000000001',
    time: 1_763_712_000_000,
    source: '00112233445566aa/1',
    counter: 1,
    persons: {},
  },
  {
    draft: {
      action: 'machine.delete',
      occurredAt: '2025-11-21T08:00:00.250Z',
      outcome: { result: 'denied', code: 'PermissionDenied', message: 'héllo "quoted"\n', durationMs: 1.5 },
      actor: { type: 'user', id: 'alice', name: 'Alice' },
      targets: [{ type: 'machine', id: 'web-3' }],
      origin: { ip: '192.0.2.7', requestId: 'req-1' },
      tags: { env: 'prod' },
      tenant: 'acme',
    },
    id: '019a9e1c-7cfa-7000-8000-000000000002',
    time: 1_763_712_000_250,
    source: '00112233445566aa/1',
    counter: 2,
    persons: { who: ['user/alice'] },
  },
  {
    draft: {
      action: 'user.update',
      id: 'update-17',
      phase: 'outcome',
      operation: '019a9e1c-7cfa-7000-8000-000000000002',
      occurredAt: '2025-11-21T08:00:01.000Z',
      outcome: 'success',
      actor: { type: 'user', id: 'alice', onBehalfOf: { type: 'user', id: 'bob' } },
      targets: [{ type: 'user', id: 'bob' }],
      changes: [{ path: '/email', op: 'replace', before: null, after: 'b@example.com' }],
    },
    id: '019a9e1c-7fe8-7000-8000-000000000003',
    operation: '019a9e1c-7cfa-7000-8000-000000000002',
    time: 1_763_712_001_000,
    source: '00112233445566aa/1',
    counter: 3,
    persons: { who: ['user/alice', 'user/bob'], what: ['user/bob'] },
  },
]

/** Everything in the file, made by the code. */
async function vectors(): Promise<unknown> {
  const offsets = [0, 1, 2 ** 31, 2 ** 32 - 1]
  const entries = EVENTS.map(entryVector)
  const tree = new LeafTree()
  for (const { leaf } of entries) tree.append(latin1(leaf), [])
  const root = hex(tree.root())
  const file = segmentFile(entries.map(entry => entry.record))
  const signed = await checkpointVector(root)
  return {
    about: 'Vectors of spec/log-v1.md. Bytes are hexadecimal, texts are UTF-8. Frozen.',
    ggm: {
      seed: SEEDS.standard.toString('hex'),
      leaves: offsets.map(offset => ({ offset, leaf: hex(new GgmWalk(text(SEEDS.standard)).leaf(offset)) })),
    },
    secrets: {
      lo: 0,
      seeds: { standard: SEEDS.standard.toString('hex'), ledger: SEEDS.ledger.toString('hex') },
      pepper: PEPPER.toString('hex'),
      subjects: Object.fromEntries(
        Object.entries(PERSONS).map(([person, { id, key }]) => [
          person,
          { id: id.toString('hex'), key: key.toString('hex'), tag: tagOf(person).toString('hex') },
        ]),
      ),
      idempotency: { system: '', key: 'update-17', k: idempotency('', 'update-17') },
    },
    entries,
    tree: { size: 3, root },
    commit: { from: 0, count: 2, bytes: entries[0].record.length / 2 + entries[1].record.length / 2, frame: commitHex(0, 2, entries) },
    segment: {
      chunk: 0,
      first: 0,
      header: formatSegmentHead({ chunk: 0, first: 0 }).toString('hex'),
      appends: [2, 1],
      bytes: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
    },
    signed,
    receipt: receiptOf(entries, signed.checkpoint),
  }
}
