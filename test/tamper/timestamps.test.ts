import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTrail, verifyDirectory } from 'annals'
import { timestamp } from 'annals/lifecycle'
import { afterAll, expect, test } from 'vitest'

// The authority is openssl: another implementation of RFC 3161.
const openssl = spawnSync('openssl', ['version']).status === 0
const home = mkdtempSync(join(tmpdir(), 'annals-stamped-'))
afterAll(() => rmSync(home, { recursive: true }))

function run(...words: readonly string[]): void {
  execFileSync('openssl', words, { cwd: home, stdio: 'pipe' })
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function makeAuthority(): void {
  writeFileSync(
    join(home, 'tsa.cnf'),
    `[tsa]\ndefault_tsa = main\n[main]\nserial = ${home}/serial\nsigner_cert = ${home}/tsa.pem\nsigner_key = ${home}/tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\n[ext]\nextendedKeyUsage = critical,timeStamping\n`,
  )
  writeFileSync(join(home, 'serial'), '01\n')
  run('req', '-x509', ...KEY, '-days', '30', '-subj', '/CN=Root', '-keyout', 'ca.key', '-out', 'ca.pem')
  run('req', ...KEY, '-subj', '/CN=Authority', '-keyout', 'tsa.key', '-out', 'tsa.csr')
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30']
  run(
    'x509',
    '-req',
    '-in',
    'tsa.csr',
    ...sign,
    '-extfile',
    'tsa.cnf',
    '-extensions',
    'ext',
    '-out',
    'tsa.pem',
  )
}

test.skipIf(!openssl)(
  'a time stamp of a checkpoint is checked, bounds times, and is refused over another one (skipped without openssl)',
  async () => {
    makeAuthority()
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk as Buffer))
      request.on('end', () => {
        writeFileSync(join(home, 'q.tsq'), Buffer.concat(chunks))
        run('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'q.tsq', '-out', 'r.tsr')
        response.end(readFileSync(join(home, 'r.tsr')))
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const dir = join(home, 'log')
    const trail = await openTrail({ dir })
    await trail.record('machine.create')
    const first = await trail.perform(timestamp, { url })
    await trail.record('machine.delete')
    const second = await trail.perform(timestamp, { url })
    await trail.close()
    server.close()
    expect(second.size).toBeGreaterThan(first.size)

    const tsaRoots = readFileSync(join(home, 'ca.pem'), 'utf8')
    const report = await verifyDirectory(dir, { tsaRoots })
    expect(report.findings).toEqual([])
    expect(report.claim).toContain(`Authority time-stamped the first ${second.size} entries at `)
    // As a stranger would, with the three lines that are signed.
    const [note] = readdirSync(join(dir, 'checkpoints')).filter(name => !name.endsWith('.tsr'))
    const path = join(dir, 'checkpoints', note as string)
    writeFileSync(join(home, 'text'), `${readFileSync(path, 'utf8').split('\n').slice(0, 3).join('\n')}\n`)
    run('ts', '-verify', '-data', 'text', '-in', `${path}.tsr`, '-token_in', '-CAfile', 'ca.pem')

    const [older, newer] = readdirSync(join(dir, 'checkpoints')).filter(name => name.endsWith('.tsr'))
    const tokenOf = (name: string | undefined): string => join(dir, 'checkpoints', name as string)
    writeFileSync(tokenOf(newer), readFileSync(tokenOf(older)))
    const swapped = await verifyDirectory(dir, { tsaRoots })
    expect(swapped.findings.map(({ code }) => code)).toEqual(['E_TIMESTAMP'])
    expect((await verifyDirectory(dir)).ok).toBe(true)
  },
)
