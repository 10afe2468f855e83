import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AnnalsError, openTrail } from 'annals'
import { captureNode } from 'annals/adapters/node'
import { archive } from 'annals/lifecycle'
import { createPolicy } from 'annals/policy'
import { openEmbedded } from 'annals/stores/embedded'
import { afterAll, expect, test } from 'vitest'

const base = mkdtempSync(join(tmpdir(), 'annals-canaries-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** Names of secrets as producers spell them. */
const NAMES = [
  'password',
  'access_token',
  'client-secret',
  'apiKey',
  'privateKey',
  'X-Api-Key',
  'session_id',
  'creditCard',
]
let planted = 0
const canary = (): string => `canary${String(planted++).padStart(4, '0')}zq`

type Asked = { readonly path?: string; readonly headers?: Record<string, string>; readonly body?: string }

/** Every place of a request that a secret may stand in. */
const PLACES: readonly ((name: string) => Asked)[] = [
  name => ({ body: JSON.stringify({ [name]: canary() }) }),
  name => ({ body: JSON.stringify({ a: [{ b: { [name]: canary() } }, [[{ [name]: [canary()] }]]] }) }),
  name => ({ body: JSON.stringify({ note: JSON.stringify({ [name]: canary() }) }) }),
  name => ({ path: `/machine/m7?page=2&${encodeURIComponent(name)}=${canary()}` }),
  name => ({ path: `/machine/m7?${encodeURIComponent(`user[${name}]`)}=${canary()}` }),
  name => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `user=a&${name}=${canary()}&x=1`,
  }),
  name => ({
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${canary()}\r\n--b--\r\n`,
  }),
  name => ({
    headers: {
      'x-noted': `${name}=${canary()}`,
      authorization: `Bearer ${canary()}`,
      cookie: `a=${canary()}`,
    },
  }),
  name => ({ headers: { 'content-type': 'text/plain' }, body: `failed: ${name}: ${canary()}` }),
]

/** Every file below a directory. */
function* filesOf(dir: string): Generator<string> {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name)
    if (statSync(path).isDirectory()) yield* filesOf(path)
    else yield path
  }
}

test('no secret of a request reaches a file, an answer of the trail or an error', async () => {
  const dir = join(base, 'log')
  const told: string[] = []
  const onError = (error: Error): void => {
    told.push(`${error.message} ${error.stack} ${(error as AnnalsError).hint}`)
  }
  const store = await openEmbedded({ dir })
  const append = store.log.append.bind(store.log)
  let fails = false
  Object.assign(store.log, {
    append: async (batch: Parameters<typeof append>[0]) => {
      if (fails) throw new Error('the disk is gone')
      await append(batch)
    },
  })
  const capture = createPolicy({ preset: 'mutating', defaults: { withinMs: 2_000, onUnavailable: 'spool' } })
  const spool = join(base, 'spool')
  const trail = await openTrail({ store, capture, spool: { dir: spool }, onError })
  const headers = ['x-noted', 'authorization', 'cookie', 'x-api-key']
  const handled = captureNode(trail, { route: () => '/machine/{id}', headers, onError }, async request => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    throw new Error(`cannot take ${Buffer.concat(pieces).toString()} of ${request.url}`)
  })
  const server = createServer((request, answer) => {
    handled(request, answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  let asked = 0
  for (const round of [0, 1, 2]) {
    // The last round is spooled.
    fails = round === 2
    for (const name of NAMES) {
      for (const place of PLACES) {
        const { path = '/machine/m7', headers = {}, body } = place(name)
        const type = { 'content-type': 'application/json', ...headers }
        await fetch(`http://127.0.0.1:${port}${path}`, {
          method: 'POST',
          headers: type,
          ...(body && { body }),
        })
        asked++
      }
    }
  }
  const spooled = [...filesOf(spool)].map(path => readFileSync(path, 'latin1')).join('\n')
  expect(spooled).toContain('/machine/{id}')
  fails = false
  while ((await trail.count('phase:outcome')).total < asked)
    await new Promise(resolve => setTimeout(resolve, 20))
  await trail.perform(archive, { archive: { kind: 'directory', dir: join(base, 'archive') }, dropAfter: 0 })
  const events = await Array.fromAsync(trail.events('', { includeLog: true }))
  server.close()
  await once(server, 'close')
  await trail.close()

  expect(planted).toBeGreaterThanOrEqual(200)
  const found = /canary\d{4}zq/
  for (const event of events) expect(JSON.stringify(event)).not.toMatch(found)
  expect(found.exec(told.join('\n'))?.[0]).toBeUndefined()
  expect(found.exec(spooled)?.[0]).toBeUndefined()
  for (const path of filesOf(base))
    expect([path, found.exec(readFileSync(path, 'latin1'))?.[0]]).toEqual([path, undefined])
})
