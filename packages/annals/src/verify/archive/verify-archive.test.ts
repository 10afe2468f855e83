import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDirectoryArchive } from '../../archives/directory.ts'
import { type ClockedTrail, clockedTrail, recordDays } from '../../lifecycle/archive/archive.test-support.ts'
import { decodeChunk } from '../../lifecycle/archive/decode-chunk.ts'
import { archive } from '../../lifecycle/archive/run.ts'
import { decodeSlot, slotKeyIds } from '../../lifecycle/archive/slot.ts'
import { erase } from '../../lifecycle/erase.ts'
import type { Digest } from '../../log/digest.ts'
import type { Store } from '../../log/store.ts'
import type { ArchiveSecrets, ArchiveSource, LaterEntry } from './archive-source.ts'
import type { VerifyArchiveOptions } from './report.ts'
import { archivedChunks, verifyArchive } from './verify-archive.ts'

function place(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-archive-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function archivedLog(
  days = 2,
  events = 30,
): Promise<ClockedTrail & { readonly dir: string; readonly paths: string[] }> {
  const log = await clockedTrail()
  onTestFinished(() => log.trail.close().catch(() => {}))
  await recordDays(log, days, events)
  const dir = place()
  const { archived } = await log.trail.perform(archive, { archive: { kind: 'directory', dir } })
  return { ...log, dir, paths: archived.map(one => join(dir, one.path)) }
}

/** The secrets of a store in the form of a verifier, as they are now. */
async function secretsOf(store: Store): Promise<ArchiveSecrets> {
  const classes = new Map<string, Awaited<ReturnType<Store['keys']['secrets']>>>()
  const ids = new Set<string>()
  for (const { lo, hi } of await store.log.chunks()) {
    for (const name of ['standard', 'security', 'personal', 'ledger'])
      classes.set(`${lo}/${name}`, await store.keys.secrets(lo, name))
    for await (const batch of store.log.read(lo, hi))
      for (const { record } of batch)
        for (const part of record.parts) for (const key of part.keys) ids.add(key.id)
  }
  const subjects = await store.keys.subjectsById([...ids])
  return {
    secrets: (chunk, retention) => classes.get(`${chunk}/${retention}`),
    subjectKey: id => subjects.get(id)?.key,
  }
}

async function* laterOf({ trail }: ClockedTrail): AsyncGenerator<LaterEntry, void, undefined> {
  for await (const { action, index, recordedAt, data } of trail.events('topic:log', { includeLog: true }))
    yield { action, index, time: Date.parse(recordedAt), what: JSON.stringify({ data }) }
}

async function found(
  log: ClockedTrail,
  dir: string,
  options: Partial<VerifyArchiveOptions> = {},
): Promise<string[]> {
  const report = await verifyArchive(openDirectoryArchive({ dir }), {
    vkey: log.store.signer.vkey,
    ...options,
  })
  expect(report.ok).toBe(!report.findings.some(({ code }) => code.startsWith('E_')))
  return report.findings.map(({ code, index }) => (index === undefined ? code : `${code}@${index}`))
}

async function withKeys(log: ClockedTrail, dir: string): Promise<string[]> {
  return await found(log, dir, { secrets: await secretsOf(log.store), later: laterOf(log) })
}

function change(path: string, alter: (bytes: Buffer) => Uint8Array): void {
  chmodSync(path, 0o600)
  writeFileSync(path, alter(readFileSync(path)))
}

/** A manifest in the hands of an attacker. */
interface AlteredManifest {
  frontier: string[]
  before: string
  after: string
  last: number
  classes: Record<'standard', { count: number }>
  objects: Record<'parts-standard.bin', { sha256: string }>
}

function alterManifest(path: string, alter: (manifest: AlteredManifest) => void): void {
  change(join(path, 'manifest.json'), bytes => {
    const manifest = JSON.parse(bytes.toString()) as AlteredManifest
    alter(manifest)
    return Buffer.from(JSON.stringify(manifest))
  })
}

describe('verifyArchive', () => {
  it('finds an archive sound with nothing but the key of the log, and its content with the keys', async () => {
    const log = await archivedLog()
    const report = await verifyArchive(openDirectoryArchive(log), { vkey: log.store.signer.vkey })
    expect(report.findings.map(({ code }) => code)).toEqual(['W_NOT_DISCLOSED'])
    expect(report).toMatchObject({ ok: true, erased: 0, checked: report.size })
    expect(report.chunks.map(({ period }) => period)).toEqual(['2026-03-01', '2026-03-02'])
    expect(report.claim).toContain('Entries 0 to')
    expect(await withKeys(log, log.dir)).toEqual([])
    expect(await found(log, log.dir, { entriesOnly: true })).toEqual([])
  })

  it('refuses to take whom to trust from the archive', async () => {
    const log = await archivedLog(1)
    await expect(verifyArchive(openDirectoryArchive(log), {})).rejects.toThrow(TypeError)
    const other = await clockedTrail()
    onTestFinished(() => other.trail.close())
    const codes = (await found(other, log.dir)).map(code => code.split('@')[0])
    expect(codes).toContain('E_SIG_NONE')
    await expect(
      verifyArchive(openDirectoryArchive({ dir: place() }), { vkey: log.store.signer.vkey }),
    ).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
    })
  })

  it('tells what is wrong, and where', async () => {
    const log = await archivedLog(3)
    const [first = '', second = '', third = ''] = log.paths
    const lo = Number(/(\d+)-\d+$/.exec(second)?.[1])
    const attacks: [string, (copy: (path: string) => string) => void, string[]][] = [
      [
        'a chunk removed',
        copy => rmSync(copy(second), { recursive: true, force: true }),
        [`E_ENTRY_MISSING@${lo}`],
      ],
      [
        'entries removed',
        copy => rmSync(copy(join(second, 'entries.bundle')), { force: true }),
        [`E_ARCHIVE_UNREADABLE@${lo}`],
      ],
      [
        'parts removed',
        copy => rmSync(copy(join(second, 'parts-standard.bin')), { force: true }),
        [`E_ARCHIVE_UNREADABLE@${lo}`],
      ],
      [
        'bytes after the entries',
        copy =>
          change(copy(join(second, 'entries.bundle')), bytes => Buffer.concat([bytes, Buffer.from('more')])),
        [`E_ARCHIVE_OBJECT@${lo}`],
      ],
      [
        'a slot after the parts',
        copy =>
          change(copy(join(second, 'parts-standard.bin')), bytes => Buffer.concat([bytes, Buffer.alloc(4)])),
        [`E_ARCHIVE_OBJECT@${lo}`],
      ],
      [
        'another chunk in its place',
        copy => change(copy(join(second, 'manifest.json')), () => readFileSync(join(first, 'manifest.json'))),
        [`E_ARCHIVE_OBJECT@${lo}`],
      ],
      [
        'another frontier',
        copy => alterManifest(copy(second), m => m.frontier.fill(Buffer.alloc(32, 7).toString('base64'))),
        [`E_FRONTIER@${lo}`],
      ],
      [
        'a boundary that is none',
        copy => alterManifest(copy(second), m => Object.assign(m, { after: m.before })),
        [`E_CHUNK_NO_BOUNDARY@${lo}`],
      ],
      [
        'a checkpoint of another key',
        copy =>
          alterManifest(copy(second), m =>
            Object.assign(m, { after: m.after.replace(/ \S{10}/, ' AAAAAAAAAA') }),
          ),
        ['E_NOTE_FORMAT', 'E_SIG_BAD', 'E_SIG_NONE'],
      ],
      [
        'other positions of a class',
        copy => alterManifest(copy(second), m => Object.assign(m.classes.standard, { count: 1 })),
        [`E_ARCHIVE_OBJECT@${lo}`],
      ],
      [
        'another time',
        copy => alterManifest(copy(third), m => Object.assign(m, { last: m.last + 1 })),
        [`E_ARCHIVE_OBJECT@${Number(/(\d+)-\d+$/.exec(third)?.[1])}`],
      ],
    ]
    for (const [name, attack, expected] of attacks) {
      const dir = place()
      cpSync(log.dir, dir, { recursive: true })
      attack(path => path.replace(log.dir, dir))
      const codes = await found(log, dir)
      expect(
        codes.some(code => expected.includes(code)),
        `${name}: ${codes.join(' ')}`,
      ).toBe(true)
    }
  })

  it('catches every byte of a small chunk that is flipped, each in turn', async () => {
    const log = await archivedLog(1, 2)
    const path = log.paths[0] as string
    const secrets = await secretsOf(log.store)
    const later = await Array.fromAsync(laterOf(log))
    const real = openDirectoryArchive(log)
    const { vkey } = log.store.signer
    const under = path.slice(log.dir.length + 1)
    for (const name of readdirSync(path)) {
      const bytes = readFileSync(join(path, name))
      const flipped = Buffer.from(bytes)
      const source: ArchiveSource = {
        describe: () => real.describe(),
        list: prefix => real.list(prefix),
        get: asked => (asked === `${under}/${name}` ? each([Buffer.from(flipped)]) : real.get(asked)),
      }
      for (let at = 0; at < bytes.length; at++) {
        flipped.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
        const { ok } = await verifyArchive(source, { vkey })
        // What is locked until when, and who cosigned, is only in the log: it names the manifest.
        if (ok && (await verifyArchive(source, { vkey, secrets, later: each(later) })).ok)
          throw new Error(`byte ${at} of ${name} was flipped and not noticed`)
        flipped.writeUInt8(bytes.readUInt8(at), at)
      }
    }
    expect(await withKeys(log, log.dir)).toEqual([])
  })

  it('finds other content under the right key, and ciphertext that was altered, whatever the manifest says', async () => {
    const log = await archivedLog(1, 6)
    const path = log.paths[0] as string
    const parts = join(path, 'parts-standard.bin')
    change(parts, bytes => {
      bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60)
      return bytes
    })
    const { sha256Base64Url } = await import('../../log/digest.ts')
    alterManifest(path, m =>
      Object.assign(m.objects['parts-standard.bin'], { sha256: sha256Base64Url(readFileSync(parts)) }),
    )
    const codes = await withKeys(log, log.dir)
    expect(codes.filter(code => code.startsWith('E_PART_CIPHERTEXT'))).toHaveLength(1)
    // The log names the manifest that was archived.
    expect(codes).toContain('E_ARCHIVE_OBJECT@0')
  })

  it('after erasure nothing can be opened with all keys that remain, and the log explains it', async () => {
    const log = await archivedLog(2, 30)
    await log.trail.perform(erase, { persons: [{ type: 'user', id: 'u1' }], basis: 'Art. 17' } as never)
    const lost = await verifyArchive(openDirectoryArchive(log), {
      vkey: log.store.signer.vkey,
      secrets: await secretsOf(log.store),
      later: laterOf(log),
    })
    expect(lost.findings.map(({ code }) => code)).toEqual(['W_ERASED'])
    expect(lost.erased).toBeGreaterThan(4)
    const silent = await found(log, log.dir, { secrets: await secretsOf(log.store) })
    expect(silent.filter(code => code.startsWith('E_PART_REMOVED')).length).toBe(lost.erased)
  })

  it('what was erased cannot be opened with any combination of the keys that remain', async () => {
    const log = await archivedLog(1, 30)
    const lo = 0
    const { hi } = (await log.store.log.manifest(lo)) as { hi: number }
    const people = [
      ...new Set((await Array.fromAsync(log.trail.events('actor:user/*'))).map(event => event.actor.id)),
    ]
    await log.trail.perform(erase, { persons: [{ type: 'user', id: 'u1' }], basis: 'Art. 17' } as never)
    await log.store.keys.destroyClass(lo, 'personal', [])
    const remaining: Digest[] = []
    for (const id of people) {
      const key = await log.store.keys.subject({ type: 'user', id })
      if (key !== undefined) remaining.push(key.key)
    }
    expect(remaining.length).toBeGreaterThan(3)
    const secrets = await secretsOf(log.store)
    const [path = ''] = log.paths
    const objects = readdirSync(path).filter(name => name !== 'manifest.json')
    const real = openDirectoryArchive({ dir: path })
    let lost = 0
    for await (const entry of decodeChunk({ lo, hi, objects }, name => real.get(name))) {
      const seeds = secrets.secrets(lo, entry.retention)
      for (const { name, slot } of entry.parts) {
        const e = seeds?.partSeed(entry.index - lo, name)
        const known =
          slot === undefined || e === undefined ? [] : slotKeyIds(slot, e).map(id => secrets.subjectKey(id))
        if (slot === undefined || (e !== undefined && !known.includes(undefined))) continue
        lost++
        const at = { origin: 'example.com/archive', index: entry.index, name }
        const other = (await log.store.keys.secrets(lo, 'standard'))?.partSeed(
          entry.index - lo,
          name,
        ) as Digest
        for (const seed of [e, other].filter(one => one !== undefined)) {
          for (const keys of [
            [],
            ...remaining.map(key => [key]),
            ...remaining.map(key => [key, remaining[0] as Digest]),
          ])
            expect(() => decodeSlot(at, slot, seed, keys)).toThrow()
        }
      }
    }
    expect(lost).toBeGreaterThan(12)
  })

  it('takes no names but those of archived chunks, however many there are', async () => {
    const names = Array.from({ length: 25 }, (_, n) => {
      const [lo, hi] = [n * 10, n * 10 + 10].map(at => at.toString().padStart(12, '0'))
      return `eu-1/2021-01-01_${String(n % 24).padStart(2, '0')}/${lo}-${hi}/manifest.json`
    })
    const foreign = [
      'eu-1/2021-01-01/notes.txt',
      'eu-1/x/2021-01/0-1/manifest.json',
      'eu-12/2021-01/000000000000-000000000010/manifest.json',
      `${names[3]}.bak`,
    ]
    const source: ArchiveSource = {
      describe: () => 'names',
      list: prefix =>
        each(
          [...foreign, ...names.toReversed()]
            .filter(name => name.startsWith(prefix))
            .map(name => ({ name, bytes: 1 })),
        ),
      get: () => each([]),
    }
    const found = await archivedChunks(source, 'eu-1/')
    expect(found.map(({ lo }) => lo)).toEqual(names.map((_, n) => n * 10))
    expect(await archivedChunks(source, 'eu-12/')).toHaveLength(1)
    expect(await archivedChunks(source, 'eu/')).toEqual([])
  })

  it('finds secrets that are gone without any entry of the log', async () => {
    const log = await archivedLog(1, 30)
    await log.store.keys.destroyClass(0, 'personal', [])
    await log.store.keys.puncture(0, 'security', [{ offset: 4, kept: [] }])
    const codes = await withKeys(log, log.dir)
    expect(new Set(codes.map(code => code.split('@')[0]))).toEqual(new Set(['E_PART_REMOVED']))
  })
})

async function* each<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items
}
