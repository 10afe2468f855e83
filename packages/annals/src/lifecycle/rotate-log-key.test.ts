import { closeSync, cpSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { parseNote } from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import type { Clocks } from '../log/clock.ts'
import { exportKey, importKey, logVkey } from '../log/signer.ts'
import { changeUntilDeath, filesWith, namesIn } from '../stores/embedded/keys/keys.test-support.ts'
import { layoutOf } from '../stores/embedded/layout.ts'
import { openReader } from '../trail/open-reader.ts'
import { openTrail } from '../trail/open-trail.ts'
import { newTrail, temporaryDirectory } from '../trail/trail.test-support.ts'
import { verifyDirectory } from '../trail/verify-store.ts'
import { listKeys } from './list-keys.ts'
import { retireLogKey, rotateLogKey } from './rotate-log-key.ts'

const ORIGIN = 'example.com/rotated'
const DAY = 86_400

describe('a change of the key that signs the log', () => {
  it('verifies by the old key and the new one in the overlap, and by the new one alone after it', async () => {
    const dir = temporaryDirectory()
    const clocks = { wall: () => Date.now() - 40 * DAY * 1_000 }
    const before = await begun(dir, clocks)
    const old = openSync(join(dir, 'keys/log.key'), 'r')
    const oldPem = readFileSync(join(dir, 'keys/log.key'))

    // So long ago that the overlap is over when the log is opened again.
    const trail = await openTrail({ dir, clocks, sealing: 'manual' })
    const { vkey, replaces, until } = await trail.perform(rotateLogKey, { overlap: 7 * DAY })
    expect(replaces).toBe(before)
    expect(Date.parse(until)).toBeLessThan(Date.now())
    expect(vkey).not.toBe(before)
    const listed = await trail.perform(listKeys, {})
    expect(listed.filter(({ key }) => key === 'log')).toEqual([
      { key: 'log', id: vkey, state: 'signs' },
      { key: 'log', id: before, state: 'overlap', until },
    ])
    await trail.record('both.sign')
    await trail.flush()
    await expectTrust(dir, { [before]: true, [vkey]: true, both: true, own: true })
    expect(signersOf(dir)).toEqual([ORIGIN, ORIGIN, `${ORIGIN}/cosigner`])
    await trail.close()
    expect(keyLines(dir)).toEqual([vkey, before])

    const after = await openTrail({ dir })
    await after.record('one.signs')
    await after.close()
    await expectTrust(dir, { [before]: false, [vkey]: true, both: true, own: true })
    expect(signersOf(dir)).toEqual([ORIGIN, `${ORIGIN}/cosigner`])
    expect(filesWith(dir, oldPem.toString().split('\n')[1] as string)).toEqual([])
    const bytes = Buffer.alloc(fstatSync(old).size, 1)
    readSync(old, bytes, 0, bytes.length, 0)
    closeSync(old)
    expect(bytes.every(byte => byte === 0)).toBe(true)
  })

  it('is stated in the log before the new key signs', async () => {
    const dir = temporaryDirectory()
    const before = await begun(dir)
    const trail = await openTrail({ dir })
    const { vkey } = await trail.perform(rotateLogKey, { actor: { type: 'user', id: 'olga' } })
    const [entry] = await Array.fromAsync(trail.events('action:log.key', { includeLog: true }))
    expect(entry).toMatchObject({
      actor: { type: 'user', id: 'olga' },
      retention: 'ledger',
      data: { vkey, replaces: before, from: (entry?.index ?? 0) + 1 },
    })
    await trail.close()
    const { findings } = await verifyDirectory(dir, { vkey })
    expect(findings).toEqual([])
  })

  it('twice within an overlap lets three keys sign; retiring destroys those that are over, and with force all old ones', async () => {
    const dir = temporaryDirectory()
    const first = await begun(dir)
    const trail = await openTrail({ dir })
    const second = await trail.perform(rotateLogKey, { overlap: DAY })
    const third = await trail.perform(rotateLogKey, { overlap: DAY })
    expect(third.replaces).toBe(second.vkey)
    await expectTrust(dir, { [first]: true, [second.vkey]: true, [third.vkey]: true, own: true })
    expect(await trail.perform(retireLogKey, {})).toEqual({ retired: [] })
    expect(await trail.perform(retireLogKey, { force: true })).toEqual({ retired: [second.vkey, first] })
    await expectTrust(dir, { [first]: false, [second.vkey]: false, [third.vkey]: true, own: true })
    await trail.close()
    expect(keyLines(dir)).toEqual([third.vkey, second.vkey, first])
    await using reader = await openReader({ dir })
    expect((await reader.verify()).findings).toEqual([])
  })

  it('without an overlap destroys the old key at once', async () => {
    const dir = temporaryDirectory()
    const before = await begun(dir)
    const trail = await openTrail({ dir })
    const { vkey } = await trail.perform(rotateLogKey, { overlap: 0 })
    await trail.close()
    await expectTrust(dir, { [before]: false, [vkey]: true, own: true })
    const pem = readFileSync(join(dir, 'keys/log.key'), 'utf8')
    expect(exportKey(importKey(pem))).toBe(pem)
    expect(logVkey(ORIGIN, importKey(pem))).toBe(vkey)
  })

  it('that dies before any step leaves a log that verifies, and is finished when it is asked for again', async () => {
    const begunDir = temporaryDirectory()
    const before = await begun(begunDir)
    let deaths = 0
    for (let operation = 1; ; operation++) {
      const dir = temporaryDirectory()
      cpSync(begunDir, dir, { recursive: true })
      const lived = changeUntilDeath(dir, 'log', operation)
      await expectTrust(dir, { own: true })
      if (!lived) {
        const trail = await openTrail({ dir })
        const { vkey } = await trail.perform(rotateLogKey, { overlap: DAY })
        const stated = await Array.fromAsync(trail.events('action:log.key', { includeLog: true }))
        const named = stated.map(({ data }) => (data as { vkey: string }).vkey)
        expect(named.at(-1)).toBe(vkey)
        expect(new Set(named).size).toBe(named.length)
        await expectTrust(dir, { both: true, [before]: true, [vkey]: true })
        await trail.close()
      }
      expect(namesIn(layoutOf(dir)).filter(name => /\.(next\.key|old|tmp)$/.test(name))).toEqual([])
      if (lived) break
      deaths++
    }
    expect(deaths).toBeGreaterThan(6)
  }, 120_000)

  it('is refused for an overlap that is none, and where the signer cannot do it', async () => {
    const trail = await newTrail('memory')
    for (const overlap of [-1, 1.5, 400 * DAY, Number.NaN]) {
      await expect(trail.perform(rotateLogKey, { overlap })).rejects.toMatchObject({
        code: 'ANNALS_INVALID',
        path: '/overlap',
      })
    }
    await expect(trail.perform(rotateLogKey, {})).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
  })
})

/** A log with an entry; its verifier key. */
async function begun(dir: string, clocks: Clocks = {}): Promise<string> {
  const trail = await openTrail({ dir, origin: ORIGIN, clocks, sealing: 'manual' })
  await trail.record('begun')
  await trail.close()
  return keyLines(dir)[0] as string
}

function keyLines(dir: string): string[] {
  return readFileSync(join(dir, 'vkey'), 'utf8').trim().split('\n')
}

function signersOf(dir: string): string[] {
  return parseNote(readFileSync(join(dir, 'checkpoint'))).signatures.map(({ name }) => name)
}

/** Asserts which keys an auditor may trust: one alone, all of them in one policy (`both`), or those of the directory (`own`). */
async function expectTrust(dir: string, expected: Readonly<Record<string, boolean>>): Promise<void> {
  const keys = Object.keys(expected).filter(name => name.startsWith(ORIGIN))
  for (const [name, good] of Object.entries(expected)) {
    const policyText = `${keys.map(key => `log ${key}\n`).join('')}quorum none\n`
    const how = name === 'own' ? {} : name === 'both' ? { policyText } : { vkey: name }
    const { findings } = await verifyDirectory(dir, how)
    const codes = findings.map(({ code }) => code).filter(code => code.startsWith('E_'))
    if (good) expect(codes).toEqual([])
    else expect(codes).toContain('E_SIG_NONE')
  }
}
