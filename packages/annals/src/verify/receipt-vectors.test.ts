import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { canonicalize, formatProof } from '@annals/tlog'
import { expect, it } from 'vitest'
import { sha256Bytes } from '../log/digest.ts'
import { trustKey } from './policy.ts'
import { checkReceipt } from './receipt.ts'

const vectors = new URL('../../../../spec/vectors/', import.meta.url)
const FILE = new URL('receipts-v1.json', vectors)

interface Part {
  name: string
  salt: string
  text: string
  commitment: string
}
interface LogVectors {
  entries: { text: string; leaf: string; parts: Part[] }[]
  signed: { vkey: string; checkpoint: string }
  tree: { root: string }
}
const log = JSON.parse(readFileSync(new URL('log-v1.json', vectors), 'utf8')) as LogVectors
const INDEX = 1

/** The receipts and tree lines of the three entries of log-v1.json, put together without the product's code. */
function made() {
  const entry = log.entries[INDEX]!
  const hashes = [0, 2].map(at => Buffer.from(log.entries[at]!.leaf, 'hex'))
  const receipt = (names: readonly string[]): string => {
    const extra = canonicalize({
      entry: JSON.parse(entry.text) as unknown,
      ...(names.length > 0 && { parts: partsOf(entry.parts, names) }),
    })
    return formatProof({ extra: Buffer.from(extra), index: INDEX, hashes, checkpoint: log.signed.checkpoint })
  }
  return {
    about:
      'Receipts of spec/log-v1.md section 9 and lines of spec/evidence-v1.md section 4, over the log of log-v1.json. Frozen.',
    vkey: log.signed.vkey,
    receipts: [
      { disclose: [], text: receipt([]) },
      { disclose: ['who'], text: receipt(['who']) },
      { disclose: ['what', 'who'], text: receipt(['what', 'who']) },
    ],
    tree: [
      canonicalize({ hash: base64url(log.entries[0]!.leaf), height: 0, index: 0 }),
      canonicalize({
        entry: JSON.parse(entry.text) as unknown,
        event: true,
        index: INDEX,
        leaf: base64url(entry.leaf),
        parts: partsOf(entry.parts, ['what', 'who']),
      }),
      canonicalize({ hash: base64url(log.entries[2]!.leaf), height: 0, index: 2 }),
    ],
  }
}

function partsOf(parts: readonly Part[], names: readonly string[]): object {
  const disclosed = parts.filter(part => names.includes(part.name))
  return Object.fromEntries(
    disclosed.map(({ name, salt, text }) => [
      name,
      { salt: base64url(salt), value: JSON.parse(text) as unknown },
    ]),
  )
}

function base64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url')
}

it('the committed file is what the specification makes', () => {
  if (!existsSync(FILE) && process.env['ANNALS_WRITE_VECTORS'] === '1')
    writeFileSync(FILE, `${JSON.stringify(made(), null, 2)}\n`)
  expect(made()).toEqual(JSON.parse(readFileSync(FILE, 'utf8')))
})

it('the receipts hold, and disclose what they say', async () => {
  for (const { disclose, text } of made().receipts) {
    const report = await checkReceipt(sha256Bytes, text, trustKey(log.signed.vkey))
    expect(report.findings).toEqual([])
    expect(report.event?.undisclosed ?? []).toEqual(['what', 'who'].filter(name => !disclose.includes(name)))
  }
})

it('the lines fold to the signed root, written out plainly', () => {
  const sha = (...parts: readonly Buffer[]): Buffer => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const nodes = made().tree.map(line => {
    const { hash, leaf, entry } = JSON.parse(line) as { hash?: string; leaf?: string; entry?: unknown }
    if (entry === undefined) return Buffer.from(hash ?? '', 'base64url')
    const computed = sha(Buffer.from([0]), Buffer.from(canonicalize(entry)))
    expect(computed.toString('base64url')).toBe(leaf)
    return computed
  })
  const [a, b, c] = nodes as [Buffer, Buffer, Buffer]
  const one = Buffer.from([1])
  expect(sha(one, sha(one, a, b), c).toString('hex')).toBe(log.tree.root)
})
