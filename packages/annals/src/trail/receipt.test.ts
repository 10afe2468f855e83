import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalize, formatProof, parseProof } from '@annals/tlog'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCatalog, defineEvent } from '../catalog/index.ts'
import { generateSignerKeys, LocalSigner } from '../log/signer.ts'
import { openMemory } from '../stores/memory/index.ts'
import type { ReceiptReport } from '../verify/receipt.ts'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { newTrail, STORES, temporaryDirectory } from './trail.test-support.ts'
import type { Trail } from './trail.ts'
import { verifyReceipt } from './verify-receipt.ts'

interface Extra {
  entry: Record<string, unknown>
  parts?: Record<string, { salt: string; value: Record<string, unknown> }>
}

const DRAFT = {
  actor: { type: 'user', id: 'ann', name: 'Änn \\ "A"' },
  targets: [{ type: 'machine', id: 'web-3' }],
  data: { '\\': 1, '\n': ['\u2028'] },
} as const

/** A trail with ten events, and the key that an outsider has. */
async function made(kind: (typeof STORES)[number]): Promise<{ trail: Trail; vkey: string; at: number }> {
  const trail = await newTrail(kind)
  const recorded = await trail.recordAll(
    Array.from({ length: 10 }, () => ({ action: 'machine.delete', ...DRAFT })),
  )
  const at = (recorded[4] as { index: number }).index
  return { trail, vkey: await keyOf(trail), at }
}

async function keyOf(trail: Pick<Trail, 'events'>): Promise<string> {
  for await (const event of trail.events('action:log.open')) return (event.data as { vkey: string }).vkey
  throw new Error('the log states no key')
}

function extraOf(receipt: string): Extra {
  return JSON.parse(Buffer.from(parseProof(receipt).extra ?? []).toString()) as Extra
}

function withExtra(receipt: string, change: (extra: Extra) => unknown): string {
  const extra = extraOf(receipt)
  return formatProof({
    ...parseProof(receipt),
    extra: Buffer.from(canonicalize(change(extra) ?? extra)),
  })
}

function codesOf({ ok, event, findings }: ReceiptReport): string[] {
  if (ok !== (findings.length === 0) || ok !== (event !== undefined))
    throw new Error('the report contradicts itself')
  return findings.map(finding => finding.code)
}

describe.each(STORES)('receipts of a %s trail', kind => {
  it('disclose nothing unless told', async () => {
    const { trail, vkey, at } = await made(kind)
    const receipt = await trail.receipt(at)
    expect(Object.keys(extraOf(receipt))).toEqual(['entry'])
    const report = await verifyReceipt(receipt, { vkey })
    const { id, recordedAt } = (await trail.get(at))!
    expect(report.event).toEqual({
      id,
      index: at,
      action: 'machine.delete',
      phase: 'single',
      operation: id,
      outcome: { result: 'success' },
      recordedAt,
      retention: 'standard',
      undisclosed: ['what', 'who'],
    })
    expect(report.claim).toContain('none of its content is disclosed')
  })

  it('disclose whole parts with their salts', async () => {
    const { trail, vkey, at } = await made(kind)
    const event = await trail.get(at)
    const all = await verifyReceipt(await trail.receipt(at, { disclose: 'all' }), { vkey })
    expect(all.findings).toEqual([])
    expect(all.event).toEqual(event)
    const who = await verifyReceipt(await trail.receipt(at, { disclose: ['who'] }), { vkey })
    expect(who.event).toMatchObject({ actor: event?.actor, origin: {}, undisclosed: ['what'] })
    for (const field of ['targets', 'data', 'visibility', 'version', 'occurredAt'])
      expect(who.event).not.toHaveProperty(field)
    const what = await verifyReceipt(await trail.receipt(at, { disclose: ['what', 'what'] }), { vkey })
    expect(what.event).toMatchObject({ targets: event?.targets, data: event?.data, undisclosed: ['who'] })
    expect(what.event).not.toHaveProperty('actor')
  })

  it('of further parts say nothing that is not disclosed', async () => {
    const orders = createCatalog([
      defineEvent('order.ship', { parts: { goods: ['/targets', '/data/weight'] } }),
    ])
    const trail = await newTrail(kind, { catalog: orders })
    const { index } = (await trail.record('order.ship', {
      targets: [{ type: 'box', id: 'b1' }],
      data: { weight: 3, to: 'x' },
    })) as { index: number }
    const vkey = await keyOf(trail)
    const goods = await verifyReceipt(await trail.receipt(index, { disclose: ['goods'] }), { vkey })
    expect(goods.event).toMatchObject({ targets: [{ type: 'box', id: 'b1' }], data: { weight: 3 } })
    expect(goods.event?.undisclosed).toEqual(['what', 'who'])
    const what = await verifyReceipt(await trail.receipt(index, { disclose: ['what'] }), { vkey })
    expect(what.event).toMatchObject({ data: { to: 'x' }, undisclosed: ['goods', 'who'] })
    expect(what.event).not.toHaveProperty('targets')
  })

  it('refuse parts that the event does not have', async () => {
    const { trail, at } = await made(kind)
    await expect(trail.receipt(at, { disclose: ['internal'] })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/disclose',
    })
    await expect(trail.receipt(999, { disclose: ['who'] })).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
    })
  })
})

describe('attacks on a receipt', async () => {
  const log = await openTrail({ store: await openMemory() })
  const recorded = await log.recordAll(
    Array.from({ length: 6 }, () => ({ action: 'machine.delete', ...DRAFT })),
  )
  const at = (recorded[2] as { index: number }).index
  const vkey = await keyOf(log)
  const receipt = await log.receipt(at, { disclose: 'all' })
  const neighbour = await log.receipt(at + 1, { disclose: 'all' })
  const early = Buffer.from((await log.checkpoint())!).toString()
  await log.record('later')
  await log.flush()
  const late = Buffer.from((await log.checkpoint())!).toString()
  await log.close()
  const check = async (text: string): Promise<string[]> => codesOf(await verifyReceipt(text, { vkey }))

  it('is a receipt that holds', async () => {
    expect(early).not.toBe(late)
    expect(await check(receipt)).toEqual([])
  })

  it.each<[string, (extra: Extra) => unknown, string[]]>([
    [
      'value',
      e => {
        e.parts!['who']!.value['actor'] = { type: 'user', id: 'bob' }
      },
      ['E_PART_MISMATCH'],
    ],
    [
      'salt',
      e => {
        e.parts!['who']!.salt = Buffer.alloc(32, 7).toString('base64url')
      },
      ['E_PART_MISMATCH'],
    ],
    [
      'short salt',
      e => {
        e.parts!['who']!.salt = 'AA'
      },
      ['E_PROOF_FORMAT'],
    ],
    [
      'other spelling of the salt',
      e => {
        e.parts!['who']!.salt += '='
      },
      ['E_PROOF_FORMAT'],
    ],
    ['more in a part', e => void Object.assign(e.parts!['who']!, { x: 1 }), ['E_PROOF_FORMAT']],
    ['list for a value', e => void Object.assign(e.parts!['who']!, { value: [] }), ['E_PROOF_FORMAT']],
    [
      'a part that never was',
      e => {
        e.parts!['extra'] = e.parts!['who']!
      },
      ['E_PART_MISMATCH'],
    ],
    [
      'a part of Object.prototype',
      e => {
        e.parts!['constructor'] = e.parts!['who']!
      },
      ['E_PART_MISMATCH'],
    ],
    [
      'parts swapped',
      e => ({ ...e, parts: { who: e.parts!['what'], what: e.parts!['who'] } }),
      ['E_PART_MISMATCH', 'E_PART_MISMATCH'],
    ],
    [
      'parts of another event',
      e => ({ ...e, parts: extraOf(neighbour).parts }),
      ['E_PART_MISMATCH', 'E_PART_MISMATCH'],
    ],
    ['list for parts', e => ({ ...e, parts: [] }), ['E_PROOF_FORMAT']],
    [
      'result',
      e => {
        e.entry['o'] = 'denied'
      },
      ['E_INCLUSION'],
    ],
    [
      'time',
      e => {
        e.entry['t'] = 1
      },
      ['E_INCLUSION'],
    ],
    [
      'impossible time',
      e => {
        e.entry['t'] = 9e15
      },
      ['E_ENTRY_FORMAT'],
    ],
    [
      'another entry',
      e => ({ ...e, entry: extraOf(neighbour).entry }),
      ['E_INCLUSION', 'E_PART_MISMATCH', 'E_PART_MISMATCH'],
    ],
    ['no entry', ({ parts }) => ({ parts }), ['E_ENTRY_FORMAT']],
    ['a field of its own', e => ({ ...e, note: 'x' }), ['E_PROOF_FORMAT']],
    [
      'an entry with more',
      e => {
        e.entry['z'] = 1
      },
      ['E_ENTRY_FORMAT'],
    ],
  ])('changed %s', async (_what, change, codes) => {
    expect(await check(withExtra(receipt, change))).toEqual(codes)
  })

  it('other index, hashes or checkpoint', async () => {
    const proof = parseProof(receipt)
    expect(proof.hashes.length).toBeGreaterThan(2)
    expect(await check(formatProof({ ...proof, index: at + 1 }))).toEqual(['E_INCLUSION'])
    expect(await check(formatProof({ ...proof, index: 4_000 }))).toEqual(['E_INCLUSION'])
    expect(await check(formatProof({ ...proof, hashes: proof.hashes.toReversed() }))).toEqual(['E_INCLUSION'])
    expect(await check(formatProof({ ...proof, hashes: proof.hashes.slice(1) }))).toEqual(['E_INCLUSION'])
    expect(await check(formatProof({ ...proof, hashes: parseProof(neighbour).hashes }))).toEqual([
      'E_INCLUSION',
    ])
    expect(await check(formatProof({ ...proof, checkpoint: late }))).toEqual(['E_INCLUSION'])
    expect(await check(formatProof({ ...proof, checkpoint: early.replace(/\n\d+\n/, '\n3\n') }))).toContain(
      'E_SIG_BAD',
    )
  })

  it('not canonical', async () => {
    const proof = parseProof(receipt)
    const spaced = Buffer.from(JSON.stringify(extraOf(receipt), undefined, 1))
    expect(await check(formatProof({ ...proof, extra: spaced }))).toEqual(['E_CANON'])
    expect(await check(formatProof({ ...proof, extra: undefined }))).toEqual(['E_PROOF_FORMAT'])
  })

  it('of another log, or by another key of the same name', async () => {
    const other = await openTrail({ store: await openMemory({ origin: 'example.com/other' }) })
    const { index } = (await other.record('x')) as { index: number }
    expect(await check(await other.receipt(index))).toEqual(['E_ORIGIN'])
    await other.close()
    const twin = await openTrail({ store: await openMemory({ origin: vkey.split('+')[0] }) })
    await twin.record('x')
    expect(await check(await twin.receipt(index))).toEqual(['E_SIG_NONE'])
    await twin.close()
  })

  it('without the witnesses of the policy', async () => {
    const { cosignerVkey } = new LocalSigner('example.com/w', generateSignerKeys(), {
      load: async () => undefined,
      save: async () => {},
    })
    const policyText = `log ${vkey}\nwitness w ${cosignerVkey}\nquorum w\n`
    expect(codesOf(await verifyReceipt(receipt, { policyText }))).toEqual(['E_WITNESS_QUORUM'])
  })

  it('truncated anywhere', async () => {
    for (let length = 0; length < receipt.length; length += 7) {
      const codes = await check(receipt.slice(0, length))
      // A note that lacks only its last line, which is of an unknown key, is whole.
      if (codes.length === 0) expect(receipt.slice(length)).toMatch(/^— \S+\/cosigner/)
    }
  })

  it('any flipped bit is refused, or lies in the signature of a key that is not trusted', async () => {
    const bytes = Buffer.from(receipt)
    const trusted = bytes.lastIndexOf('— ')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] as number) ^ (1 << bit)
        const report = await verifyReceipt(flipped, { vkey })
        if (at < trusted) expect(codesOf(report)).not.toEqual([])
        else if (report.ok) expect(report.event).toEqual((await verifyReceipt(receipt, { vkey })).event)
      }),
      { numRuns: 250 },
    )
  })

  it('nothing to trust is a mistake of the caller', async () => {
    await expect(verifyReceipt(receipt, {})).rejects.toThrow(TypeError)
    await expect(verifyReceipt(receipt, { vkey: 'x' })).rejects.toThrow(TypeError)
  })
})

it('a reader of the directory discloses where the keys may be read, and proves without them', async () => {
  const dir = temporaryDirectory()
  const trail = await openTrail({ dir })
  const { index } = (await trail.record('machine.delete', DRAFT)) as { index: number }
  await trail.flush()
  const vkey = await keyOf(trail)
  const reader = await openReader({ dir })
  // Beside the writer, and after it.
  expect(codesOf(await verifyReceipt(await reader.receipt(index, { disclose: 'all' }), { vkey }))).toEqual([])
  await trail.close()
  expect(codesOf(await verifyReceipt(await reader.receipt(index, { disclose: 'all' }), { vkey }))).toEqual([])
  rmSync(join(dir, 'keys'), { recursive: true })
  await expect(reader.receipt(index, { disclose: ['who'] })).rejects.toMatchObject({ code: 'ANNALS_KEYS' })
  expect(codesOf(await verifyReceipt(await reader.receipt(index), { vkey }))).toEqual([])
  await reader.close()
})
