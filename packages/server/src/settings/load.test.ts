import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveRequestOf } from './archive-setting.ts'
import { SETTINGS } from './list.ts'
import { loadSettings, showSettings } from './load.ts'
import { settingsSchema } from './settings.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'annals-settings-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let made = 0
function fileOf(content: unknown): string {
  const path = join(root, `settings-${made++}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('loadSettings', () => {
  it('a flag goes before the environment, and that before the file', async () => {
    const file = fileOf({
      dir: '/file',
      port: 1,
      limits: { rate: 1, body: 2048 },
      cors: ['https://a.example'],
    })
    const env = { ANNALS_SERVER_LIMITS_RATE: '2', ANNALS_SERVER_PORT: '2', PATH: '/bin' }
    const settings = await loadSettings({
      file,
      env,
      flags: { port: '3', trustedProxies: '10.0.0.0/8, ::1' },
    })
    expect(settings).toMatchObject({
      dir: '/file',
      port: 3,
      host: '127.0.0.1',
      limits: { rate: 2, body: 2048, streams: 2000 },
      cors: ['https://a.example'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      retention: { schedule: 'daily', at: '02:00' },
    })
    expect(await loadSettings({ env: { ANNALS_SERVER_CONFIG: file } })).toMatchObject({
      dir: '/file',
      port: 1,
    })
  })

  it('every setting can be given in each of the three ways, and they agree', async () => {
    const samples: Readonly<Record<string, unknown>> = {
      dir: '/var/lib/annals',
      host: '::1',
      cors: ['https://a.example', 'http://localhost:3000'],
      trustedProxies: ['10.1.2.3'],
      'tls.cert': '/cert.pem',
      'tls.key': '/key.pem',
      'log.level': 'warn',
      'metrics.public': true,
      'retention.schedule': 'off',
      'retention.at': '23:59',
      'archive.to': 's3://bucket/prefix',
      'archive.endpoint': 'https://s3.example.com',
      'archive.region': 'eu-1',
      'archive.mode': 'compliance',
      'archive.lock': 'none',
      timestamps: ['https://tsa.example.com'],
    }
    const known = SETTINGS.filter(({ path, kind }) => path in samples || kind === 'number')
    const value = (path: string): unknown => samples[path] ?? 1234
    const text = (path: string): string => {
      const sample = value(path)
      return Array.isArray(sample) ? sample.join(',') : String(sample)
    }
    const tree: Record<string, Record<string, unknown>> = {}
    for (const { path } of known) {
      const [head = '', tail] = path.split('.')
      const fits = path === 'limits.drainSeconds' || path.endsWith('Seconds') ? 300 : value(path)
      if (tail === undefined) (tree as Record<string, unknown>)[head] = value(path)
      else tree[head] = { ...tree[head], [tail]: fits }
    }
    const texts = known.map(setting => {
      const { path } = setting
      return [setting, path.endsWith('Seconds') ? '300' : text(path)] as const
    })
    const byFile = await loadSettings({ file: fileOf(tree) })
    const byEnv = await loadSettings({
      env: Object.fromEntries(texts.map(([{ variable }, given]) => [variable, given])),
    })
    const byFlag = await loadSettings({
      flags: Object.fromEntries(texts.map(([{ path }, given]) => [path, given])),
    })
    expect(byEnv).toEqual(byFile)
    expect(byFlag).toEqual(byFile)
    expect(byFile).toMatchObject({
      metrics: { public: true },
      retention: { at: '23:59' },
      tls: { cert: '/cert.pem' },
    })
  })

  it.each([
    [
      'a misspelt key of the file',
      { dir: 'd', limits: { rat: 1 } },
      {},
      {},
      /settings-\d+\.json: .*"limits\.rat"/,
      /'limits\.rate'/,
    ],
    [
      'a misspelt variable',
      { dir: 'd' },
      { ANNALS_SERVER_LIMIT_RATE: '1' },
      {},
      /variable ANNALS_SERVER_LIMIT_RATE/,
      /ANNALS_SERVER_LIMITS_RATE/,
    ],
    ['a misspelt flag', { dir: 'd' }, {}, { prt: '1' }, /flag for prt/, /'port'/],
    ['a bad value in the file', { dir: 'd', port: 70_000 }, {}, {}, /settings-\d+\.json: port: /, /Port/],
    [
      'a bad value in a variable',
      { dir: 'd' },
      { ANNALS_SERVER_PORT: 'http' },
      {},
      /variable ANNALS_SERVER_PORT: port: /,
      /Port/,
    ],
    [
      'a bad value in a flag',
      { dir: 'd' },
      { ANNALS_SERVER_PORT: '1' },
      { port: '-1' },
      /flag --port: port: /,
      /Port/,
    ],
    ['a star for an origin', { dir: 'd', cors: ['*'] }, {}, {}, /cors: must be an origin/, /Origins/],
    [
      'a path for an origin',
      { dir: 'd', cors: ['https://a.example/'] },
      {},
      {},
      /cors: must be an origin/,
      /Origins/,
    ],
    [
      'a proxy by name',
      { dir: 'd' },
      {},
      { trustedProxies: 'proxy.internal' },
      /flag --trusted-proxies: /,
      /proxies/,
    ],
    [
      'everyone for a proxy',
      { dir: 'd', trustedProxies: ['0.0.0.0/0'] },
      {},
      {},
      /trustedProxies: /,
      /proxies/,
    ],
    ['no directory', {}, {}, {}, /dir: /, /Directory/],
    ['half a certificate', { dir: 'd', tls: { cert: 'c' } }, {}, {}, /tls\.key: /, /private key/],
    ['no time of day', { dir: 'd', retention: { at: '25:00' } }, {}, {}, /retention\.at: /, /UTC/],
    [
      'no place',
      { dir: 'd', archive: { to: 'ftp://x' } },
      {},
      {},
      /archive\.to: must be dir:PATH/,
      /sealed chunks/,
    ],
    [
      'a lock in a directory',
      { dir: 'd', archive: { to: 'dir:/a', lock: 'none' } },
      {},
      {},
      /archive\.lock: is for s3/,
      /lock/,
    ],
  ])('refuses %s, and says where', async (_what, tree, env, flags, message, hint) => {
    await expect(
      loadSettings({ file: fileOf(tree), env: env as never, flags: flags as never }),
    ).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  it('refuses a file that is not there, and one that is no JSON, by its name', async () => {
    await expect(loadSettings({ file: join(root, 'none.json') })).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
      message: expect.stringContaining('none.json'),
    })
    for (const text of ['{"dir": }', '[]', 'null', '"dir"'])
      await expect(loadSettings({ file: fileOf(text) })).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
  })

  it('no file, whatever its keys, breaks it or leaks into the settings', async () => {
    const standard = Object.keys(settingsSchema.parse({ dir: 'd' })).sort()
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async tree => {
        const file = fileOf(JSON.stringify({ ...tree, dir: 'd' }))
        const settings = await loadSettings({ file }).catch((error: { code?: string }) => error.code)
        if (settings !== 'ANNALS_INVALID') expect(Object.keys(settings as object).sort()).toEqual(standard)
      }),
      { numRuns: 100 },
    )
    await expect(loadSettings({ file: fileOf('{"dir":"d","__proto__":{"port":1}}') })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
    })
  })
})

it('every setting has a description, and names of its own', () => {
  for (const { path, description } of SETTINGS) expect([path, description]).not.toEqual([path, ''])
  for (const name of ['path', 'variable', 'flag'] as const)
    expect(new Set(SETTINGS.map(one => one[name])).size).toBe(SETTINGS.length)
})

it('what is secret is not shown', async () => {
  const settings = await loadSettings({ flags: { dir: 'd', port: '1' } })
  expect(showSettings(settings)).toEqual(settings)
  for (const { path, secret } of SETTINGS)
    if (/secret|password|token$/i.test(path)) expect([path, secret]).toEqual([path, true])
})

it('an archive of the settings is what the act takes', () => {
  const of = (archive: unknown): unknown =>
    archiveRequestOf(settingsSchema.parse({ dir: 'd', archive }).archive as never)
  expect(of({ to: 'dir:/var/archive', dropAfterDays: 2 })).toEqual({
    archive: { kind: 'directory', dir: '/var/archive' },
    dropAfter: 172_800,
  })
  expect(of({ to: 's3://audit/eu/1', endpoint: 'http://127.0.0.1:9000', lock: 'none' })).toEqual({
    archive: {
      kind: 's3',
      bucket: 'audit',
      endpoint: 'http://127.0.0.1:9000',
      forcePathStyle: true,
      lock: 'none',
    },
    prefix: 'eu/1',
  })
})
