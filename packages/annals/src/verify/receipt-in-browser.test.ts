import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import type { checkReceipt, ReceiptReport } from './receipt.ts'

const vectors = new URL('../../../../spec/vectors/receipts-v1.json', import.meta.url)
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** What the bundle leaves in its globals. */
interface Bundled {
  readonly checkReceipt: typeof checkReceipt
  readonly ed25519Verifier: (sha: unknown, vkey: string, check: unknown) => unknown
}

it('a receipt is checked where there is nothing of Node.js', async () => {
  const bundled = await build({
    stdin: {
      contents: `export { checkReceipt } from './receipt.ts'; export { ed25519Verifier } from '@annals/tlog'`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bundled',
    platform: 'browser',
    conditions: ['annals-source'],
  })
  // A realm of its own: the language, and what every browser adds to it here.
  const realm = createContext({ TextEncoder, TextDecoder, Uint8Array })
  runInContext(bundled.outputFiles[0]?.text ?? '', realm)
  expect(runInContext('typeof Buffer + typeof process + typeof require', realm)).toBe('undefined'.repeat(3))
  const { checkReceipt, ed25519Verifier } = runInContext('bundled', realm) as Bundled
  const sha = (bytes: Uint8Array): Uint8Array => Uint8Array.from(createHash('sha256').update(bytes).digest())
  const ed25519 = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const spki = createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' })
    return verify(null, message, spki, signature)
  }
  const { vkey, receipts } = JSON.parse(readFileSync(vectors, 'utf8')) as {
    vkey: string
    receipts: { text: string }[]
  }
  const policy = {
    logs: [ed25519Verifier(sha, vkey, ed25519)],
    origins: ['example.com/log'],
    witnesses: [],
    asked: [],
    quorum: () => true,
  } as unknown as Parameters<typeof checkReceipt>[2]
  const check = (text: string): Promise<ReceiptReport> => checkReceipt(sha, text, policy)
  for (const { text } of receipts) {
    expect((await check(text)).claim).toContain('is entry 1 of the log example.com/log')
    expect((await check(text.replace('index 1', 'index 2'))).findings[0]?.code).toBe('E_INCLUSION')
  }
})
