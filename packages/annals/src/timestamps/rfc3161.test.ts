import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkTimestamp, requestTimestamp } from './rfc3161.ts'

// The authority is openssl's own: another implementation answers, and checks our tokens.
const openssl = spawnSync('openssl', ['version']).status === 0
const dir = mkdtempSync(join(tmpdir(), 'annals-tsa-'))
const NOTE = Buffer.from('log.example/audit\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n')
let server: Server
let url: string
/** Changes an answer on its way. */
let tamper: (answer: Buffer) => Buffer = answer => answer

function run(...words: readonly string[]): void {
  execFileSync('openssl', words, { cwd: dir, stdio: 'pipe' })
}

function makeAuthority(): void {
  writeFileSync(
    join(dir, 'tsa.cnf'),
    `[tsa]
default_tsa = main
[main]
serial = ${dir}/serial
signer_cert = ${dir}/tsa.pem
signer_key = ${dir}/tsa.key
certs = ${dir}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
[ext]
extendedKeyUsage = critical,timeStamping
[plain]
keyUsage = digitalSignature
`,
  )
  writeFileSync(join(dir, 'serial'), '01\n')
  for (const ca of ['ca', 'other'])
    run(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      `/CN=Test root ${ca}`,
      '-keyout',
      `${ca}.key`,
      '-out',
      `${ca}.pem`,
    )
  run(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=Test authority',
    '-keyout',
    'tsa.key',
    '-out',
    'tsa.csr',
  )
  run(
    'x509',
    '-req',
    '-in',
    'tsa.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '30',
    '-extfile',
    'tsa.cnf',
    '-extensions',
    'ext',
    '-out',
    'tsa.pem',
  )
}

beforeAll(async () => {
  if (!openssl) return
  makeAuthority()
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk as Buffer))
    request.on('end', () => {
      writeFileSync(join(dir, 'query.tsq'), Buffer.concat(chunks))
      run('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', '-out', 'reply.tsr')
      response.end(tamper(readFileSync(join(dir, 'reply.tsr'))))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`
})

afterAll(async () => {
  if (openssl) await new Promise(resolve => server.close(resolve))
  rmSync(dir, { recursive: true })
})

const root = (name: string): string => readFileSync(join(dir, `${name}.pem`), 'utf8')

describe.skipIf(!openssl)('time stamps by an authority of openssl (skipped where there is none)', () => {
  it('are got, hold offline, and openssl agrees', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000
    const token = await requestTimestamp(url, NOTE)
    const { time, by } = await checkTimestamp(token, NOTE, root('ca'))
    expect(by).toBe('Test authority')
    expect(time.getTime()).toBeGreaterThanOrEqual(before)
    expect(time.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
    writeFileSync(join(dir, 'token.der'), token)
    writeFileSync(join(dir, 'note'), NOTE)
    run('ts', '-verify', '-data', 'note', '-in', 'token.der', '-token_in', '-CAfile', 'ca.pem')
  })

  it('are refused for other bytes, and under another root', async () => {
    const token = await requestTimestamp(url, NOTE)
    await expect(checkTimestamp(token, Buffer.from('other'), root('ca'))).rejects.toThrow('over other bytes')
    await expect(checkTimestamp(token, NOTE, root('other'))).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
    await expect(checkTimestamp(token, NOTE, 'no certificate')).rejects.toBeInstanceOf(TypeError)
  })

  it('do not survive an altered byte', async () => {
    const token = await requestTimestamp(url, NOTE)
    const { time } = await checkTimestamp(token, NOTE, root('ca'))
    const ca = root('ca')
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const altered = Uint8Array.from(token)
        altered[at] = (altered[at] as number) ^ by
        const checked = await checkTimestamp(altered, NOTE, ca).catch(() => undefined)
        // A byte outside of what is signed may change; the time and the bytes it is about may not.
        expect(checked === undefined || checked.time.getTime() === time.getTime()).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('are refused when the answer is none, or for another request', async () => {
    tamper = () => Buffer.from('hello')
    await expect(requestTimestamp(url, NOTE)).rejects.toThrow('no time-stamp response')
    const kept: { answer: Buffer } = { answer: Buffer.alloc(0) }
    tamper = answer => {
      kept.answer = answer
      return answer
    }
    await requestTimestamp(url, NOTE)
    tamper = () => kept.answer
    await expect(requestTimestamp(url, NOTE)).rejects.toThrow('answers another request')
    tamper = answer => answer
    await expect(requestTimestamp('http://127.0.0.1:9/', NOTE)).rejects.toMatchObject({
      code: 'ANNALS_STORE',
    })
  })
})
