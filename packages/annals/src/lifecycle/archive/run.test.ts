import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hold } from '../hold.ts'
import { type ClockedTrail, clockedTrail, recordDays } from './archive.test-support.ts'
import { archive } from './run.ts'

const DAY = 86_400

function place(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-archive-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function log(days = 2): Promise<ClockedTrail> {
  const made = await clockedTrail()
  onTestFinished(() => made.trail.close().catch(() => {}))
  await recordDays(made, days, 40)
  return made
}

function files(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort()
}

const to = (dir: string) => ({ archive: { kind: 'directory', dir } as const })

async function states(made: ClockedTrail): Promise<string[]> {
  return (await made.store.log.chunks()).map(chunk => chunk.state)
}

describe('the act archive', () => {
  it('archives every chunk that has ended, once, under names of period and range', async () => {
    const dir = place()
    const made = await log()
    const first = await made.trail.perform(archive, { ...to(dir), prefix: 'eu-west-1/2020-01' })
    expect(first.archived.map(one => one.period)).toEqual(['2026-03-01', '2026-03-02'])
    expect(first.archive).toBe(`dir:${dir}`)
    const before = files(dir)
    const [chunk] = first.archived
    expect(chunk?.path).toBe(
      `eu-west-1/2020-01/2026-03-01/000000000000-${String(chunk?.entries).padStart(12, '0')}`,
    )
    expect(
      before.filter(name => name.startsWith(`${chunk?.path}/`)).map(name => name.split('/').at(-1)),
    ).toEqual([
      'entries.bundle',
      'manifest.json',
      'parts-ledger.bin',
      'parts-personal.bin',
      'parts-security.bin',
      'parts-standard.bin',
    ])
    const again = await made.trail.perform(archive, { ...to(dir), prefix: 'eu-west-1/2020-01' })
    expect(again.archived).toEqual([])
    expect(files(dir)).toEqual(before)
    expect(await states(made)).toEqual(['sealed', 'sealed', 'open'])
    const stated = await Array.fromAsync(made.trail.events('action:log.archive'))
    expect(stated.map(({ data }) => data)).toMatchObject(
      first.archived.map(({ chunk: lo, path }) => ({ lo, path })),
    )
    expect((await made.trail.perform(archive, { ...to(dir), prefix: 'other' })).archived).toHaveLength(2)
  })

  it('removes content from the log only when asked, when old enough, and after reading the copy back', async () => {
    const dir = place()
    const made = await log()
    const kept = await made.trail.perform(archive, { ...to(dir), dropAfter: 30 * DAY })
    expect(kept.dropped).toEqual([])
    made.pass(28.5 * DAY * 1000)
    const first = await made.trail.perform(archive, { ...to(dir), dropAfter: 30 * DAY })
    expect(first.dropped).toEqual([0])
    expect(await states(made)).toEqual(['dropped', 'sealed', 'open'])
  })

  it('drops nothing when the copy is damaged or gone', async () => {
    for (const harm of [
      (path: string) => rmSync(path),
      (path: string) => {
        const bytes = readFileSync(path)
        chmodSync(path, 0o600)
        bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
        writeFileSync(path, bytes)
      },
    ]) {
      for (const name of ['entries.bundle', 'manifest.json', 'parts-standard.bin']) {
        const dir = place()
        const made = await log(1)
        const { archived } = await made.trail.perform(archive, to(dir))
        harm(join(dir, archived[0]?.path ?? '', name))
        const run = made.trail.perform(archive, { ...to(dir), dropAfter: 0 })
        await expect(run).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
        expect(await states(made)).toEqual(['sealed', 'open'])
      }
    }
  })

  it('goes on where a run ended: takes objects that are the same, and goes beside those that are not', async () => {
    const [dir, model] = [place(), place()]
    const made = await log(1)
    const { archived } = await made.trail.perform(archive, to(model))
    const path = archived[0]?.path ?? ''
    for (const left of [['entries.bundle'], ['entries.bundle', 'parts-standard.bin'], 'all'] as const) {
      const sub = join(dir, left.length.toString())
      const names = left === 'all' ? files(join(model, path)) : left
      const { openDirectoryArchive } = await import('../../archives/directory.ts')
      const half = openDirectoryArchive({ dir: sub })
      const full = openDirectoryArchive({ dir: model })
      const { hashObject } = await import('./hashed-read.ts')
      for (const name of names) {
        const facts = await hashObject(full, `${path}/${name}`)
        await half.put(`${path}/${name}`, {
          ...(facts as NonNullable<typeof facts>),
          open: () => full.get(`${path}/${name}`),
        })
      }
      const run = await made.trail.perform(archive, to(sub))
      expect(run.archived[0]?.path).toBe(path)
      expect(files(join(sub, path))).toEqual(files(join(model, path)))
    }
    const other = join(dir, 'other')
    const { openDirectoryArchive } = await import('../../archives/directory.ts')
    const { sha256Base64Url } = await import('../../log/digest.ts')
    const bytes = Buffer.from('cut')
    await openDirectoryArchive({ dir: other }).put(`${path}/parts-standard.bin`, {
      bytes: 3,
      sha256: sha256Base64Url(bytes),
      open: async function* () {
        yield bytes
      },
    })
    expect((await made.trail.perform(archive, to(other))).archived[0]?.path).toBe(`${path}.2`)
  })

  it('does not drop what a hold keeps', async () => {
    const dir = place()
    const made = await log(1)
    await made.trail.perform(hold, { hold: 'case-7', reason: 'a dispute', chunk: 0 })
    made.pass(DAY * 1000)
    const run = await made.trail.perform(archive, { ...to(dir), dropAfter: 0 })
    expect(run.dropped).toEqual([])
    expect(run.held).toMatchObject([{ chunk: 0 }])
    expect((await states(made))[0]).toBe('sealed')
  })

  it('locks parts until their class expires, and lengthens what never does', async () => {
    const dir = place()
    const now = Date.now()
    const made = await clockedTrail({})
    onTestFinished(() => made.trail.close())
    made.pass(now - made.now())
    await recordDays(made, 1, 40)
    const { archived } = await made.trail.perform(archive, to(dir))
    const path = join(dir, archived[0]?.path ?? '')
    const { last } = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as { last: number }
    const days = (name: string): number => (statSync(join(path, name)).mtimeMs - last) / (DAY * 1000)
    expect(days('parts-personal.bin')).toBeCloseTo(90, 3)
    expect(days('parts-standard.bin')).toBeCloseTo(180, 3)
    expect(days('parts-security.bin')).toBeCloseTo(400, 3)
    expect(days('entries.bundle')).toBeCloseTo(400, 3)
    expect(days('manifest.json')).toBeCloseTo(400, 3)
    const ledger = days('parts-ledger.bin')
    expect(ledger).toBeGreaterThan(365)
    made.pass(100 * DAY * 1000)
    expect((await made.trail.perform(archive, to(dir))).renewed).toEqual([])
    made.pass(150 * DAY * 1000)
    expect((await made.trail.perform(archive, to(dir))).renewed).toEqual([0])
    expect(days('parts-ledger.bin')).toBeCloseTo(ledger + 250, 1)
    expect(days('parts-standard.bin')).toBeCloseTo(180, 3)
    expect(days('entries.bundle')).toBeGreaterThan(600)
  })

  it('archives one chunk when told, and refuses one that is not there', async () => {
    const dir = place()
    const made = await log()
    const run = await made.trail.perform(archive, { ...to(dir), only: 0 })
    expect(run.archived.map(one => one.chunk)).toEqual([0])
    await expect(made.trail.perform(archive, { ...to(dir), only: 1 })).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
    })
  })

  it('refuses requests that are none, and credentials in them', async () => {
    const made = await log(1)
    for (const [request, path] of [
      [{}, '/archive/kind'],
      [{ archive: { kind: 'directory', dir: '' } }, '/archive/dir'],
      [{ archive: { kind: 's3', bucket: 'b', accessKeyId: 'AKIA' } }, '/archive/accessKeyId'],
      [{ archive: { kind: 's3', bucket: 'b', endpoint: 'https://me:secret@host' } }, '/archive/endpoint'],
      [{ archive: { kind: 's3', bucket: 'b', mode: 'soft' } }, '/archive/mode'],
      [{ archive: { kind: 'directory', dir: 'x' }, prefix: '../up' }, '/prefix'],
      [{ archive: { kind: 'directory', dir: 'x' }, dropAfter: -1 }, '/dropAfter'],
    ] as const) {
      const refused = made.trail.perform(archive, request as never)
      await expect(refused).rejects.toMatchObject({ code: 'ANNALS_INVALID', path })
      await expect(refused).rejects.not.toThrow('secret@')
    }
  })
})
