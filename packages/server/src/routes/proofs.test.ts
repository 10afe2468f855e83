import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkConsistency,
  decodeEntryBundle,
  ed25519Verifier,
  fromBase64,
  leafHash,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
} from '@annals/tlog'
import { expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

const sha = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

function ed25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return Promise.resolve(verify(undefined, message, key, signature))
}

async function grow(server: TestServer, count: number): Promise<void> {
  await server.trail.recordAll(
    Array.from({ length: count }, (_, n) => ({ action: 'door.open', tenant: n % 2 ? 'acme' : 'umbra' })),
  )
  await server.trail.flush()
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}

it('an auditor with nothing but a key checks that the log is one, and that it only grew', async () => {
  await using server = await serve()
  const token = await server.token({ role: 'auditor' })
  await grow(server, 10)
  const vkey = readFileSync(join(server.dir, 'vkey'), 'utf8').trim()
  const first = await server.ask('/v1/checkpoint', { token })
  expect(first.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const { origin } = parseCheckpoint(parseNote(await bytesOf(first.clone())).text)
  const verifiers = [ed25519Verifier(sha, vkey, ed25519)]
  const old = await openCheckpoint(await bytesOf(first), origin, verifiers)
  await grow(server, 300)
  const second = await bytesOf(await server.ask('/v1/checkpoint', { token }))
  const { size, root } = parseCheckpoint(parseNote(second).text)

  const tile = await server.ask('/v1/tile/0/000', { token })
  expect(tile.headers.get('cache-control')).toContain('immutable')
  expect(tile.headers.get('content-type')).toBe('application/octet-stream')
  const mirror = await server.token({ role: 'operator', scopes: ['verify'] })
  const bundle = await server.ask('/v1/tile/entries/000', { token: mirror })
  expect(bundle.headers.get('cache-control')).not.toContain('immutable')
  const leaves = decodeEntryBundle(await bytesOf(bundle), 256).map(entry => leafHash(sha, entry))
  expect(Buffer.concat(leaves).equals(await bytesOf(tile))).toBe(true)
  expect(await bytesOf(await server.ask(`/v1/tile/0/001.p/${size - 256}`, { token }))).toHaveLength(
    (size - 256) * 32,
  )
  const proved = await server.ask(`/v1/consistency?from=${old.size}`, { token })
  const proof = (await proved.json()) as { hashes: string[] }
  expect(proof).toMatchObject({ from: old.size, to: size, new: Buffer.from(second).toString() })
  checkConsistency(sha, proof.hashes.map(fromBase64), old.size, old.root, size, root)
  const head = await server.ask('/v1/tile/0/000', { token, method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(256 * 32)])
})

it('what is not there is 404, what is no number 400, and neither tells anything', async () => {
  await using server = await serve()
  await grow(server, 3)
  for (const path of [
    '0/001',
    '0/000',
    '0/000.p/200',
    'entries/000',
    '9/000',
    'x',
    '0/%2e%2e%2fkeys',
    '..%2f..%2fkek',
    '0/000.p/0',
  ])
    expect([path, (await server.ask(`/v1/tile/${path}`)).status]).toEqual([path, 404])
  for (const query of ['', '?from=x', '?from=-1', '?from=1.5', '?from=2&to=1', '?from=1&size=2']) {
    const response = await server.ask(`/v1/consistency${query}`)
    expect([query, response.status]).toEqual([query, 400])
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  }
  expect((await server.ask('/v1/consistency?from=1&to=9999999')).status).toBe(404)
})

it('tiles take the permission to verify; bundles, which tell of every event, take one who may see them all', async () => {
  await using server = await serve()
  await grow(server, 300)
  const statuses = async (key: Parameters<TestServer['token']>[0]): Promise<readonly number[]> => {
    const token = await server.token(key)
    const asked = ['/v1/checkpoint', '/v1/consistency?from=1', '/v1/tile/0/000', '/v1/tile/entries/000']
    return await Promise.all(asked.map(async path => (await server.ask(path, { token })).status))
  }
  expect(await statuses({ role: 'operator' })).toEqual([200, 200, 200, 200])
  expect(await statuses({ role: 'operator', scopes: ['verify'] })).toEqual([200, 200, 200, 200])
  expect(await statuses({ role: 'auditor' })).toEqual([200, 200, 200, 403])
  expect(await statuses({ role: 'auditor', filter: 'action:door.*' })).toEqual([200, 200, 200, 403])
  expect(await statuses({ role: 'tenant-admin', tenant: 'acme' })).toEqual([200, 200, 200, 403])
  expect(await statuses({ role: 'owner', project: 'p' })).toEqual([403, 403, 403, 403])
  expect(await statuses({ role: 'recorder' })).toEqual([403, 403, 403, 403])
})
