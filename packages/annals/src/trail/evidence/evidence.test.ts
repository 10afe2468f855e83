import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize } from '@annals/tlog'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { erase } from '../../lifecycle/erase.ts'
import type { AuditEvent } from '../../model/index.ts'
import type { EvidenceManifest } from '../../verify/evidence/manifest.ts'
import { openReader } from '../open-reader.ts'
import { openTrail } from '../open-trail.ts'
import { all } from '../trail.test-support.ts'
import { verifyEvidence } from '../verify-evidence.ts'
import { type ExportEvidenceOptions, exportEvidence } from './export-evidence.ts'

const root = mkdtempSync(join(tmpdir(), 'annals-evidence-'))
const dir = join(root, 'log')
let vkey = ''
let made = 0

beforeAll(async () => {
  const trail = await openTrail({ dir, origin: 'example.com/evidence' })
  const drafts = Array.from({ length: 400 }, (_, n) => ({
    action: n % 40 === 0 ? 'door.break' : 'door.open',
    actor: { type: 'user', id: `u${n % 5}` },
    targets: [{ type: 'door', id: `d${n % 7}`, name: 'Tür "\\"' }],
    outcome: (n % 40 === 0 ? 'denied' : 'success') as 'denied' | 'success',
    data: { n },
  }))
  for (let at = 0; at < drafts.length; at += 100) await trail.recordAll(drafts.slice(at, at + 100))
  await trail.perform(erase, { persons: [{ type: 'user', id: 'u3' }], basis: 'Art. 17 GDPR', request: 'T-1' })
  await trail.record('door.open')
  await trail.close()
  vkey = readFileSync(join(dir, 'vkey'), 'utf8').trim()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A bundle of the log. */
async function bundle(options: Partial<ExportEvidenceOptions> = {}): Promise<string> {
  const out = join(root, `bundle-${made++}`)
  await exportEvidence({ dir, out, ...options })
  return out
}

async function codes(out: string, trust: { vkey?: string } = { vkey }): Promise<string[]> {
  const { ok, findings } = await verifyEvidence(out, trust)
  if (ok === findings.some(finding => finding.code.startsWith('E_')))
    throw new Error('ok contradicts the findings')
  return findings.map(({ code, index }) => (index === undefined ? code : `${code}@${index}`))
}

function linesOf<T>(out: string, name: string): T[] {
  const text = readFileSync(join(out, name), 'utf8')
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as T)
}

interface Line {
  index: number
  entry?: Record<string, unknown>
  parts?: Record<string, { salt: string; value: Record<string, unknown> }>
  leaf?: string
  hash?: string
  event?: boolean
  erased?: string[]
}

/** A bundle that was altered by somebody who then made every digest right again. */
function forged(
  out: string,
  change: (files: { tree: Line[]; events: unknown[]; manifest: EvidenceManifest }) => void,
): string {
  const copy = join(root, `bundle-${made++}`)
  cpSync(out, copy, { recursive: true })
  const files = {
    tree: linesOf<Line>(out, 'tree.ndjson'),
    events: linesOf<unknown>(out, 'events.ndjson'),
    manifest: JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as EvidenceManifest,
  }
  change(files)
  const text = (lines: readonly unknown[]): string => lines.map(line => `${canonicalize(line)}\n`).join('')
  const write = (name: string, content: string): void => {
    writeFileSync(join(copy, name), content)
    const digest = createHash('sha256').update(content)
    Object.assign(files.manifest.files[name] ?? {}, {
      bytes: Buffer.byteLength(content),
      sha256: digest.digest('base64url'),
    })
  }
  write('tree.ndjson', text(files.tree))
  write('events.ndjson', text(files.events))
  const manifest = `${canonicalize(files.manifest)}\n`
  writeFileSync(join(copy, 'manifest.json'), manifest)
  const digest = createHash('sha256').update(manifest).digest('hex')
  writeFileSync(join(copy, 'manifest.sha256'), `${digest}  manifest.json\n`)
  return copy
}

describe('a bundle', () => {
  it('has the events that a reader sees, proved by a key alone', async () => {
    const out = await bundle({ query: 'action:door.open actor:u1' })
    const report = await verifyEvidence(out, { vkey })
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ ok: true, count: 80, query: 'action:door.open actor:u1' })
    await using reader = await openReader({ dir })
    const seen = await all(reader.events('action:door.open actor:u1'))
    expect(linesOf<AuditEvent>(out, 'events.ndjson')).toEqual(JSON.parse(JSON.stringify(seen)))
    expect(report.claim).toContain('the word of whoever made the bundle')
    expect(readdirSync(out).sort()).toEqual([
      'checkpoint',
      'events.ndjson',
      'manifest.json',
      'manifest.sha256',
      'policy.txt',
      'tree.ndjson',
    ])
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o077).toBe(0)
  })

  it('shares the hashes of what lies between', async () => {
    const sparse = linesOf<Line>(await bundle({ query: 'index:201' }), 'tree.ndjson')
    expect(sparse.filter(line => line.entry !== undefined).map(line => line.index)).toEqual([201])
    expect(sparse.length).toBeLessThan(20)
  })

  it('says that its own key proves nothing against its maker', async () => {
    const out = await bundle({ query: 'outcome:denied' })
    const report = await verifyEvidence(out)
    expect(report.ok).toBe(true)
    expect(report.claim).toContain('proves nothing against its maker')
  })

  it.each(['all', ['what'], []] as const)('discloses %j', async disclose => {
    const out = await bundle({ query: 'outcome:denied', disclose })
    const [first] = linesOf<AuditEvent & { undisclosed?: string[] }>(out, 'events.ndjson')
    expect(first?.actor !== undefined).toBe(disclose === 'all')
    expect(first?.targets !== undefined).toBe(disclose.length > 0)
    const salts = linesOf<Line>(out, 'tree.ndjson').flatMap(line =>
      line.event ? Object.keys(line.parts ?? {}) : [],
    )
    expect(new Set(salts)).toEqual(new Set(disclose === 'all' ? ['what', 'who'] : disclose))
    expect(await codes(out)).toEqual(disclose === 'all' ? [] : ['W_NOT_DISCLOSED'])
  })

  it('explains what was erased, with the entry that ordered it', async () => {
    const out = await bundle({ query: 'index:4..8' })
    const report = await verifyEvidence(out, { vkey })
    expect(report).toMatchObject({ ok: true, erased: 1 })
    expect(report.findings.map(finding => finding.code)).toEqual(['W_ERASED'])
    expect(report.claim).toContain('under the authority of 1 entries')
    const authority = linesOf<Line>(out, 'tree.ndjson').find(line => line.entry?.['a'] === 'log.erasure')
    expect(Object.keys(authority?.parts ?? {})).toEqual(['what'])
    const text =
      readFileSync(join(out, 'tree.ndjson'), 'utf8') + readFileSync(join(out, 'events.ndjson'), 'utf8')
    expect(text).not.toContain('"u3"')
    expect(await codes(forged(out, ({ tree }) => delete authorityIn(tree).parts))).toEqual([
      expect.stringMatching(/^W_ERASED/),
      expect.stringMatching(/^E_PART_REMOVED@/),
    ])
  })

  it('with every header proves that nothing was left out, where headers decide', async () => {
    const out = await bundle({ query: 'outcome:denied', complete: true })
    const report = await verifyEvidence(out, { vkey })
    expect(report.ok).toBe(true)
    expect(report.claim).toContain('They are all matches of "outcome:denied" at positions 0 to')
    const headers = linesOf<Line>(out, 'tree.ndjson')
    expect(headers.map(line => line.index)).toEqual(Array.from({ length: report.size }, (_, i) => i))
    const other = await verifyEvidence(await bundle({ query: 'actor:u1', complete: true }), { vkey })
    expect(other.ok).toBe(true)
    expect(other.claim).toContain('is the word of whoever made it')
  })

  it('is limited to the positions that the query can mean', async () => {
    const out = await bundle({ query: 'index:100..110 outcome:success', complete: true })
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as EvidenceManifest
    expect(manifest.range).toEqual([100, 110])
    expect(await codes(out)).toEqual(['W_ERASED'])
    // Ten entries, and the one that ordered the erasure.
    expect((await verifyEvidence(out, { vkey })).checked).toBe(11)
  })

  it('is made of nothing, of everything, and of the log itself', async () => {
    expect(await codes(await bundle({ query: 'action:nothing' }))).toEqual([])
    expect((await codes(await bundle()))[0]).toBe('W_ERASED')
    const own = await bundle({ query: 'action:log.*', includeLog: true, complete: true })
    expect((await verifyEvidence(own, { vkey })).count).toBeGreaterThan(3)
    expect(await codes(own)).toEqual([])
  })

  it('is made without keys when nothing is disclosed, and refused when something is', async () => {
    const copy = join(root, 'keyless')
    cpSync(dir, copy, { recursive: true })
    rmSync(join(copy, 'keys'), { recursive: true })
    const out = join(root, `bundle-${made++}`)
    await exportEvidence({ dir: copy, out, query: 'outcome:denied', disclose: [] })
    expect(await codes(out)).toEqual(['W_NOT_DISCLOSED'])
    await expect(exportEvidence({ dir: copy, out: join(root, 'x') })).rejects.toMatchObject({
      code: 'ANNALS_KEYS',
    })
    expect(readdirSync(join(root, 'x'))).not.toContain('manifest.json')
  })

  it('is not mixed with other files', async () => {
    const out = await bundle({ query: 'outcome:denied' })
    await expect(exportEvidence({ dir, out })).rejects.toMatchObject({ code: 'ANNALS_CONFLICT' })
  })
})

describe('attacks on a bundle', () => {
  let out = ''
  let complete = ''
  beforeAll(async () => {
    out = await bundle({ query: 'outcome:denied' })
    complete = await bundle({ query: 'outcome:denied index:0..200', complete: true })
  })
  const event = (tree: Line[], nth = 2): Line => tree.filter(line => line.event)[nth]!

  it('content, salt and events by somebody who makes every digest right', async () => {
    expect(
      await codes(
        forged(out, ({ tree }) =>
          Object.assign(event(tree).parts!['who']!.value, { actor: { type: 'user', id: 'x' } }),
        ),
      ),
    ).toEqual(['E_PART_MISMATCH@82', 'E_EVENT_MISMATCH@82'])
    expect(
      await codes(
        forged(out, ({ tree }) => {
          event(tree).parts!['what']!.salt = 'A'.repeat(43)
        }),
      ),
    ).toEqual(['E_PART_MISMATCH@82', 'E_EVENT_MISMATCH@82'])
    expect(
      await codes(
        forged(out, ({ events }) => Object.assign(events[2] as object, { actor: { type: 'user', id: 'x' } })),
      ),
    ).toEqual(['E_EVENT_MISMATCH@82'])
    expect(await codes(forged(out, ({ events }) => events.reverse()))).toHaveLength(10)
    expect(await codes(forged(out, ({ events }) => events.pop()))).toEqual(['E_EVENT_MISMATCH@362'])
    expect(await codes(forged(out, ({ events }) => events.push(events[0])))).toEqual(['E_EVENT_MISMATCH'])
  })

  it('entries and hashes', async () => {
    expect(
      await codes(
        forged(out, ({ tree }) => {
          event(tree).entry!['o'] = 'success'
        }),
      ),
    ).toEqual(['E_ROOT@82', 'E_MANIFEST@82', 'E_EVENT_MISMATCH@82'])
    // The leaf is made right, too: what remains wrong is the root.
    const rightLeaf = forged(out, ({ tree, events }) => {
      const line = event(tree)
      line.entry!['o'] = 'failure'
      Object.assign(events[2] as object, { outcome: { result: 'failure' } })
      line.leaf = createHash('sha256')
        .update(`\0${canonicalize(line.entry)}`, 'latin1')
        .digest('base64url')
    })
    expect(await codes(rightLeaf)).toEqual(['E_ROOT', 'E_MANIFEST@82'])
    const hashOf = (tree: Line[]): Line => tree.find(line => line.hash !== undefined)!
    expect(
      await codes(
        forged(out, ({ tree }) => {
          hashOf(tree).hash = 'A'.repeat(43)
        }),
      ),
    ).toEqual(['E_ROOT'])
    const swapped = forged(out, ({ tree }) => {
      const hashes = tree.filter(line => line.hash !== undefined)
      ;[hashes[0]!.hash, hashes[1]!.hash] = [hashes[1]!.hash!, hashes[0]!.hash!]
    })
    expect(await codes(swapped)).toEqual(['E_ROOT'])
    expect(await codes(forged(out, ({ tree }) => tree.reverse()))).toContainEqual(
      expect.stringMatching(/^E_ENTRY_MISSING@0/),
    )
    expect(await codes(forged(out, ({ tree }) => tree.pop()))).toContainEqual(
      expect.stringMatching(/^E_ENTRY_MISSING/),
    )
    expect(await codes(forged(out, ({ tree }) => tree.splice(3, 1)))).toContainEqual(
      expect.stringMatching(/^E_ENTRY_MISSING/),
    )
    expect(await codes(forged(out, ({ tree }) => tree.splice(3, 0, tree[3]!)))).toContainEqual(
      expect.stringMatching(/^E_ROOT/),
    )
  })

  it('an event left out of a complete bundle', async () => {
    const hidden = forged(complete, ({ tree, events, manifest }) => {
      const line = event(tree)
      delete line.event
      delete line.parts
      events.splice(2, 1)
      Object.assign(manifest, { count: manifest.count - 1 })
    })
    expect(await codes(hidden)).toEqual(['E_EVENT_OMITTED@82'])
    const asHash = forged(complete, ({ tree, events, manifest }) => {
      const at = tree.findIndex(line => line.index === 82)
      tree.splice(at, 1, { index: 82, hash: tree[at]!.leaf!, height: 0 } as Line)
      events.splice(2, 1)
      Object.assign(manifest, { count: manifest.count - 1 })
    })
    expect(await codes(asHash)).toContain('E_ENTRY_MISSING@82')
    const asThinned = forged(complete, ({ tree, events, manifest }) => {
      const at = tree.findIndex(line => line.index === 82)
      tree.splice(at, 1, { index: 82, leaf: tree[at]!.leaf!, retention: 'standard' } as Line)
      events.splice(2, 1)
      Object.assign(manifest, { count: manifest.count - 1, gaps: { recorded: [], counters: null } })
    })
    expect(await codes(asThinned)).toEqual(['W_THINNED', 'E_PRUNED_UNAUTHORISED@82'])
  })

  it('a manifest that says something else', async () => {
    const wrong = (change: (manifest: EvidenceManifest) => object): Promise<string[]> =>
      codes(forged(complete, ({ manifest }) => void Object.assign(manifest, change(manifest))))
    expect(await wrong(({ count }) => ({ count: count + 1 }))).toEqual(['E_MANIFEST'])
    expect(await wrong(() => ({ first: '2020-01-01T00:00:00.000Z' }))).toEqual(['E_MANIFEST'])
    expect(await wrong(({ size }) => ({ size: size - 1 }))).toContain('E_MANIFEST')
    expect(await wrong(() => ({ origin: 'example.com/other' }))).toEqual(['E_ORIGIN'])
    expect(await wrong(() => ({ query: 'outcome:success' }))).toContain('E_EVENT_OMITTED@3')
    expect(await wrong(() => ({ query: '((' }))).toEqual(['E_MANIFEST'])
    expect(await wrong(() => ({ range: [0, 100] }))).toContain('E_MANIFEST@122')
    expect(await wrong(() => ({ gaps: { recorded: [5], counters: [] } }))).toContain('E_MANIFEST')
    expect(
      await wrong(() => ({ gaps: { recorded: [], counters: [{ source: 'x', from: 1, to: 2 }] } })),
    ).toEqual(['E_MANIFEST', 'E_SOURCE_GAP'])
    expect(await wrong(() => ({ more: 1 }))).toEqual(['E_MANIFEST'])
  })

  it('another log, another checkpoint, another key', async () => {
    const other = join(root, 'other')
    const trail = await openTrail({ dir: other, origin: 'example.com/evidence' })
    await trail.record('x')
    await trail.close()
    const copy = forged(out, () => {})
    cpSync(join(other, 'checkpoint'), join(copy, 'checkpoint'))
    expect(await codes(copy)).toEqual(['E_FILE', 'E_SIG_NONE'])
    expect(await codes(out, { vkey: readFileSync(join(other, 'vkey'), 'utf8') })).toEqual(['E_SIG_NONE'])
  })

  it('missing, added and truncated files', async () => {
    for (const name of readdirSync(out)) {
      const copy = forged(out, () => {})
      rmSync(join(copy, name))
      const { findings } = await verifyEvidence(copy, { vkey })
      expect(findings.map(({ code, message }) => `${code} ${message}`)).toContain(
        `E_FILE ${name} is missing.`,
      )
    }
    const added = forged(out, () => {})
    writeFileSync(join(added, '.DS_Store'), '')
    expect(await codes(added)).toEqual(['W_FILE'])
    for (const name of ['tree.ndjson', 'events.ndjson', 'checkpoint', 'manifest.json']) {
      const copy = forged(out, () => {})
      const bytes = readFileSync(join(copy, name))
      writeFileSync(join(copy, name), bytes.subarray(0, bytes.length - 9))
      expect(await codes(copy)).toContainEqual(expect.stringMatching(/^E_FILE/))
    }
  })

  it('any flipped bit is found, and located where it lies in an event', async () => {
    const copy = forged(out, () => {})
    const files = readdirSync(copy)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(7), async (name, place, bit) => {
        const path = join(copy, name)
        const bytes = readFileSync(path)
        const flipped = Buffer.from(bytes)
        const at = place % bytes.length
        flipped[at] = (flipped[at] as number) ^ (1 << bit)
        writeFileSync(path, flipped)
        const { ok, findings } = await verifyEvidence(copy, { vkey })
        writeFileSync(path, bytes)
        expect(ok).toBe(false)
        expect(findings.some(({ message }) => message.includes(name))).toBe(true)
        if (name === 'events.ndjson') expect(findings.some(({ index }) => index !== undefined)).toBe(true)
      }),
      { numRuns: 150 },
    )
    expect(await codes(copy)).toEqual([])
  })
})

function authorityIn(tree: Line[]): Line {
  return tree.find(line => line.entry?.['a'] === 'log.erasure')!
}
