import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeEntryBundle, Frontier, type Hash, leafHash, proveConsistency } from '@annals/tlog'
import { exportEvidence, exportTiles, openTrail } from 'annals'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// Another implementation by other people: golang.org/x/mod/sumdb/{note,tlog}. Where Debian puts it, no network is needed.
const GOPATH = '/usr/share/gocode'
const go = ['go', ...globSync('/usr/lib/go-*/bin/go')].find(path => spawnSync(path, ['version']).status === 0)
const available = go !== undefined && existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog'))
const REASON = 'needs Go and golang.org/x/mod (Debian packages golang-go and golang-golang-x-mod-dev)'

const root = mkdtempSync(join(tmpdir(), 'annals-go-'))
const checker = join(root, 'check')
const log = join(root, 'log')
let vkey = ''
let receipts: string[] = []
afterAll(() => rmSync(root, { recursive: true, force: true }))

beforeAll(async () => {
  if (!available) return
  const built = spawnSync(go as string, ['build', '-o', checker, join(import.meta.dirname, 'check.go')], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'] ?? '',
      GO111MODULE: 'off',
      GOPATH,
      GOCACHE: join(root, 'cache'),
      CGO_ENABLED: '0',
    },
  })
  if (built.status !== 0) throw new Error(`go build: ${built.stderr}`)
  const trail = await openTrail({ dir: log, origin: 'example.com/go' })
  const drafts = Array.from({ length: 700 }, (_, n) => ({
    action: n % 3 === 0 ? 'door.open' : 'door.shut',
    actor: { type: 'user', id: `ü${n % 5}`, name: '</script> "\\u2028"' },
    targets: [{ type: 'door', id: `d${n}` }],
  }))
  for (let at = 0; at < drafts.length; at += 100) await trail.recordAll(drafts.slice(at, at + 100))
  receipts = [await trail.receipt(5), await trail.receipt(300, { disclose: 'all' })]
  await trail.close()
  vkey = readFileSync(join(log, 'vkey'), 'utf8').trim()
})

function check(...words: readonly string[]): { readonly said: string; readonly ok: boolean } {
  const { status, stdout } = spawnSync(checker, words, { encoding: 'utf8' })
  return { said: stdout.trim(), ok: status === 0 }
}

function flipped(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] as number) ^ 1
  writeFileSync(path, bytes)
}

describe('what outsiders get, checked by Go', () => {
  it('note, tiles and entry bundles', async ({ skip }) => {
    skip(!available, REASON)
    const out = join(root, 'tiles')
    const { size } = await exportTiles({ dir: log, out })
    expect(check('tiles', out, vkey)).toEqual({
      said: `example.com/go entries ${size} tiles 4\nOK`,
      ok: true,
    })
    for (const [file, at] of [
      ['tile/0/000', 5_000],
      [`tile/0/002.p/${size - 512}`, 40],
      ['tile/1/000.p/2', 33],
      ['tile/entries/001', 9_000],
      ['checkpoint', 20],
    ] as const) {
      flipped(join(out, file), at)
      expect(check('tiles', out, vkey).ok).toBe(false)
      flipped(join(out, file), at)
    }
    expect(check('tiles', out, vkey).ok).toBe(true)
  })

  it('receipts, with and without disclosed parts', ({ skip }) => {
    skip(!available, REASON)
    for (const [nth, receipt] of receipts.entries()) {
      const file = join(root, `receipt-${nth}`)
      writeFileSync(file, receipt)
      expect(check('receipt', file, vkey).said).toMatch(new RegExp(`parts ${2 * nth}\nOK$`))
      writeFileSync(file, receipt.replace(/\nindex \d+\n/, '\nindex 7\n'))
      expect(check('receipt', file, vkey).ok).toBe(false)
    }
  })

  it('consistency proofs', async ({ skip }) => {
    skip(!available, REASON)
    const out = join(root, 'entries')
    await exportTiles({ dir: log, out })
    const sha = (bytes: Uint8Array): Hash => createHash('sha256').update(bytes).digest()
    const frontier = new Frontier(sha)
    const stored: Hash[] = []
    const roots: Hash[] = [frontier.root()]
    for (const [path, width] of [
      ['000', 256],
      ['001', 256],
    ] as const)
      for (const entry of decodeEntryBundle(readFileSync(join(out, 'tile/entries', path)), width)) {
        stored.push(...frontier.append(leafHash(sha, entry)))
        roots.push(frontier.root())
      }
    const reader = { readHashes: (ids: readonly number[]) => ids.map(id => stored[id] as Hash) }
    const text = (hash: Hash | undefined): string => Buffer.from(hash ?? []).toString('base64')
    const cases = []
    for (const [old, size] of [
      [1, 512],
      [2, 3],
      [255, 256],
      [256, 512],
      [300, 511],
      [511, 512],
      [512, 512],
    ] as const) {
      const proof = (await proveConsistency(sha, old, size, reader)).map(text)
      cases.push({ old, oldRoot: text(roots[old]), size, root: text(roots[size]), proof })
    }
    const file = join(root, 'consistency.json')
    writeFileSync(file, JSON.stringify(cases))
    expect(check('consistency', file)).toEqual({ said: 'proofs 7\nOK', ok: true })
    writeFileSync(file, JSON.stringify([{ ...cases[4], oldRoot: cases[3]?.oldRoot }]))
    expect(check('consistency', file).ok).toBe(false)
  })

  it('evidence', async ({ skip }) => {
    skip(!available, REASON)
    for (const complete of [false, true]) {
      const out = join(root, `evidence-${complete}`)
      await exportEvidence({ dir: log, out, query: 'action:door.open actor:ü1', complete })
      expect(check('evidence', out, vkey).said).toMatch(/\nOK$/)
      const tree = join(out, 'tree.ndjson')
      flipped(tree, readFileSync(tree).indexOf('"user"') + 2)
      expect(check('evidence', out, vkey).ok).toBe(false)
    }
  })
})
