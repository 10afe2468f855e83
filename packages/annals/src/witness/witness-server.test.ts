import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ed25519Verifier, parseNote } from '@annals/tlog'
import { afterEach, describe, expect, it } from 'vitest'
import { sha256Bytes } from '../log/digest.ts'
import { verifyEd25519 } from '../log/signer.ts'
import { openTrail } from '../trail/open-trail.ts'
import { verifyDirectory } from '../trail/verify-store.ts'
import { Witness } from './witness.ts'
import { createWitnessDirectory, openWitnessDirectory } from './witness-directory.ts'
import { type ServedWitness, serveWitness } from './witness-server.ts'

const directories: string[] = []
const served: ServedWitness[] = []

afterEach(async () => {
  for (const one of served.splice(0)) await one.close()
  for (const dir of directories.splice(0)) rmSync(dir, { recursive: true })
})

function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-witness-'))
  directories.push(dir)
  return dir
}

async function serve(dir: string, vkey: string, port = 0): Promise<{ url: string; vkey: string }> {
  const memory = await openWitnessDirectory(dir)
  const verifier = ed25519Verifier(sha256Bytes, vkey, verifyEd25519)
  const witness = new Witness({ ...memory, memory, logs: new Map([[verifier.name, [verifier]]]) })
  const one = await serveWitness({ witness, port })
  served.push(one)
  return { url: one.url, vkey: witness.vkey }
}

/** A log that has recorded one event, and its verifier key. */
async function newLog(): Promise<{ dir: string; vkey: string }> {
  const dir = temporary()
  const trail = await openTrail({ dir, origin: 'log.example/audit' })
  await trail.record('machine.create', {})
  await trail.close()
  return { dir, vkey: readFileSync(join(dir, 'vkey'), 'utf8').trim() }
}

describe('witnesses of a log', () => {
  it('cosign its checkpoints, and a policy that asks for both is met', async () => {
    const log = await newLog()
    const [a, b] = [temporary(), temporary()]
    await createWitnessDirectory(a, 'a.example/w')
    await createWitnessDirectory(b, 'b.example/w')
    const [one, two] = [await serve(a, log.vkey), await serve(b, log.vkey)]
    const policyText = `log ${log.vkey}
witness a ${one.vkey} ${one.url}
witness b ${two.vkey} ${two.url}
group both 2 a b
quorum both
`
    writeFileSync(join(log.dir, 'policy'), policyText)
    const trail = await openTrail({ dir: log.dir })
    await trail.record('machine.delete', {})
    await trail.flush({ level: 'witnessed' })
    const note = (await trail.checkpoint()) as Uint8Array
    expect(parseNote(note).signatures.map(signature => signature.name)).toEqual([
      'log.example/audit',
      'log.example/audit/cosigner',
      expect.stringMatching(/^[ab]\.example\/w$/),
      expect.stringMatching(/^[ab]\.example\/w$/),
    ])
    await trail.close()
    const report = await verifyDirectory(log.dir, { policyText })
    expect(report.findings).toEqual([])
    expect(report.ok).toBe(true)
  })

  it('that are not there hold up nothing, and the missing quorum is found', async () => {
    const log = await newLog()
    const [a, b] = [temporary(), temporary()]
    await createWitnessDirectory(a, 'a.example/w')
    const gone = await createWitnessDirectory(b, 'b.example/w')
    const one = await serve(a, log.vkey)
    const { vkey } = new Witness({ ...gone, memory: gone, logs: new Map() })
    const policyText = `log ${log.vkey}\nwitness a ${one.vkey} ${one.url}\nwitness b ${vkey} http://127.0.0.1:9\ngroup both all a b\nquorum both\n`
    const errors: string[] = []
    const trail = await openTrail({
      dir: log.dir,
      policy: policyText,
      onError: error => errors.push(error.message),
    })
    await trail.record('machine.delete', {})
    await trail.flush()
    await trail.close()
    expect(errors).toContain('The witness b.example/w did not cosign: it could not be reached.')
    const report = await verifyDirectory(log.dir, { policyText })
    expect(report.findings.map(finding => finding.code)).toEqual(['E_WITNESS_QUORUM'])
  })

  it('remember over a restart, and refuse a log that was rolled back', async () => {
    const log = await newLog()
    const a = temporary()
    await createWitnessDirectory(a, 'a.example/w')
    const first = await serve(a, log.vkey)
    const policy = `log ${log.vkey}\nwitness a ${first.vkey} ${first.url}\nquorum a\n`
    const old = temporary()
    const copy = async (): Promise<void> => {
      const { cp } = await import('node:fs/promises')
      await cp(log.dir, old, { recursive: true })
    }
    await copy()
    const trail = await openTrail({ dir: log.dir, policy })
    await trail.record('machine.delete', {})
    await trail.flush({ level: 'witnessed' })
    await trail.close()
    await served.pop()?.close()
    const again = await serve(a, log.vkey)
    // The copy knows nothing of the deletion: it goes on with another history.
    const errors: string[] = []
    const rolledBack = await openTrail({
      dir: old,
      policy: policy.replace(first.url, again.url),
      onError: error => errors.push(error.message),
    })
    for (let i = 0; i < 6; i++) await rolledBack.record('machine.create', {})
    await rolledBack.flush()
    await rolledBack.close()
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.join()).toMatch(/a\.example\/w did not cosign/)
    expect(readdirSync(join(a, 'accusations')).length).toBeGreaterThan(0)
  })
})

describe('the server of a witness', () => {
  it('answers what is no call, and bodies that are too long', async () => {
    const log = await newLog()
    const a = temporary()
    await createWitnessDirectory(a, 'a.example/w')
    const { url, vkey } = await serve(a, log.vkey)
    expect(await (await fetch(`${url}/vkey`)).text()).toBe(`${vkey}\n`)
    expect((await fetch(`${url}/`)).status).toBe(404)
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405)
    const long = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: 'x'.repeat(1_100_000) }).then(
      response => response.status,
      () => 413,
    )
    expect(long).toBe(413)
    const none = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: 'old 0\n' })
    expect(none.status).toBe(400)
    expect(await none.text()).toMatch(/^E_PROOF_FORMAT/)
  })

  it('closes although a connection stays idle', async () => {
    const log = await newLog()
    const a = temporary()
    await createWitnessDirectory(a, 'a.example/w')
    const { url } = await serve(a, log.vkey)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    await new Promise(resolve => socket.once('connect', resolve))
    const one = served.pop()
    const closed = one?.close()
    socket.destroy()
    await closed
  })
})

it('a witness is made once, and a damaged memory is not taken for none', async () => {
  const dir = temporary()
  await createWitnessDirectory(dir, 'a.example/w')
  await expect(createWitnessDirectory(dir, 'a.example/w')).rejects.toMatchObject({ code: 'ANNALS_CONFLICT' })
  const memory = await openWitnessDirectory(dir)
  await memory.save('log', { size: 3, root: new Uint8Array(32) })
  expect(await memory.load('log')).toEqual({ size: 3, root: Buffer.alloc(32) })
  const [file] = readdirSync(join(dir, 'logs'))
  writeFileSync(join(dir, 'logs', file as string), '{}')
  await expect(memory.load('log')).rejects.toMatchObject({ code: 'ANNALS_KEYS' })
  await expect(openWitnessDirectory(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
})
