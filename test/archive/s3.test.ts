import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { openTrail, verifyArchive } from 'annals'
import { openS3Archive, type S3ArchiveOptions } from 'annals/archives/s3'
import { testArchive } from 'annals/conformance'
import { type ArchiveRun, type ArchiveSpec, archive } from 'annals/lifecycle'
import { openEmbedded } from 'annals/stores/embedded'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { sha256Base64Url } from '../../packages/annals/src/log/digest.ts'
import { cuttingProxy } from './cutting-proxy.ts'
import { noServer, type S3Server, startS3 } from './s3-server.ts'

// A project's own continuous integration may not pass without this suite.
const mustRun = process.env['ANNALS_CI'] === '1'
const why = noServer === undefined || mustRun ? '' : ` (skipped: ${noServer})`

describe.skipIf(why !== '')(`archives in S3 with Object Lock${why}`, () => {
  let server: S3Server
  let client: S3Client
  const saved = { ...process.env }

  beforeAll(async () => {
    if (noServer !== undefined) throw new Error(noServer)
    server = await startS3()
    // Where the SDK looks for them; nothing of ours is told.
    process.env['AWS_ACCESS_KEY_ID'] = server.accessKeyId
    process.env['AWS_SECRET_ACCESS_KEY'] = server.secretAccessKey
    client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true })
    for (const bucket of ['conformance', 'archive', 'locked', 'expiring', 'failing'])
      await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }))
    await client.send(new CreateBucketCommand({ Bucket: 'plain' }))
  }, 120_000)

  afterAll(() => {
    client?.destroy()
    server?.stop()
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      if (saved[name] === undefined) delete process.env[name]
      else process.env[name] = saved[name]
    }
  }, 60_000)

  const at = (bucket: string, more: Partial<S3ArchiveOptions> = {}): S3ArchiveOptions => ({
    bucket,
    endpoint: server.endpoint,
    ...more,
  })

  testArchive(
    { describe, it },
    // Above five mebibytes, so that it goes in parts.
    { name: 's3', open: () => openS3Archive(at('conformance', { partBytes: 5 << 20 })), largest: 11 << 20 },
  )

  describe('a locked object', () => {
    const put = async (
      mode: 'governance' | 'compliance',
      name: string,
    ): Promise<{ version: string; until: Date }> => {
      const opened = await openS3Archive(at('locked', { mode }))
      const bytes = Buffer.from('locked content')
      const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 600_000)
      const content = {
        bytes: bytes.length,
        sha256: sha256Base64Url(bytes),
        open: () => each(bytes),
        retainUntil: until.getTime(),
      }
      await opened.put(name, content)
      await expect(opened.put(name, content)).rejects.toMatchObject({ code: 'ANNALS_CONFLICT' })
      await opened.close()
      const { Versions } = await client.send(
        new ListObjectVersionsCommand({ Bucket: 'locked', Prefix: name }),
      )
      return { version: Versions?.[0]?.VersionId as string, until }
    }
    const denied = { $metadata: expect.objectContaining({ httpStatusCode: 403 }) }

    it.for(['governance', 'compliance'] as const)(
      'in %s mode cannot be deleted or unlocked before its time',
      async mode => {
        const Key = `${mode}/object`
        const { version: VersionId, until } = await put(mode, Key)
        const one = { Bucket: 'locked', Key, VersionId }
        await expect(client.send(new DeleteObjectCommand(one))).rejects.toMatchObject(denied)
        const sooner = {
          Mode: mode.toUpperCase() as 'COMPLIANCE',
          RetainUntilDate: new Date(until.getTime() - 300_000),
        }
        await expect(
          client.send(new PutObjectRetentionCommand({ ...one, Retention: sooner })),
        ).rejects.toMatchObject(denied)
        if (mode === 'compliance') {
          const bypass = { ...one, BypassGovernanceRetention: true }
          await expect(client.send(new DeleteObjectCommand(bypass))).rejects.toMatchObject(denied)
          await expect(
            client.send(new PutObjectRetentionCommand({ ...bypass, Retention: sooner })),
          ).rejects.toMatchObject(denied)
        }
        const opened = await openS3Archive(at('locked', { mode }))
        onTestFinished(() => opened.close())
        expect(await opened.head(Key)).toMatchObject({ retainUntil: until.getTime(), mode })
        await opened.retain(Key, until.getTime() - 1_000)
        expect((await opened.head(Key))?.retainUntil).toBe(until.getTime())
      },
    )

    it('is not replaced by a newer version: whoever knows its hash or version has the first', async () => {
      const Key = 'pinned/object'
      const { version: VersionId } = await put('governance', Key)
      await client.send(new PutObjectCommand({ Bucket: 'locked', Key, Body: 'other content' }))
      const first = await client.send(new GetObjectCommand({ Bucket: 'locked', Key, VersionId }))
      expect(await first.Body?.transformToString()).toBe('locked content')
      await client.send(new DeleteObjectCommand({ Bucket: 'locked', Key }))
      const again = await client.send(new GetObjectCommand({ Bucket: 'locked', Key, VersionId }))
      expect(await again.Body?.transformToString()).toBe('locked content')
    })
  })

  it('objects expire by the rule of the bucket, and not before their lock has ended', async () => {
    const opened = await openS3Archive(at('expiring', { mode: 'compliance' }))
    onTestFinished(() => opened.close())
    const bytes = Buffer.from('short-lived')
    const content = { bytes: bytes.length, sha256: sha256Base64Url(bytes), open: () => each(bytes) }
    const until = Date.now() + 14_000
    await opened.put('locked', { ...content, retainUntil: until })
    await opened.put('free', content)
    const Status = 'Enabled' as const
    await client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: 'expiring',
        LifecycleConfiguration: {
          Rules: [
            {
              ID: 'all',
              Status,
              Filter: { Prefix: '' },
              Expiration: { Days: 1 },
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            },
          ],
        },
      }),
    )
    const versions = async (Prefix: string): Promise<number> =>
      (await client.send(new ListObjectVersionsCommand({ Bucket: 'expiring', Prefix }))).Versions?.length ?? 0
    const gone = async (name: string): Promise<number> => {
      for (let left = 240; (await versions(name)) > 0; left--) {
        if (left === 0) throw new Error(`${name} did not expire`)
        await delay(250)
      }
      return Date.now()
    }
    const [free, locked] = await Promise.all([gone('free'), gone('locked')])
    // The same rule meant both; only one was locked.
    expect(locked).toBeGreaterThanOrEqual(until)
    expect(free).toBeLessThan(locked)
  }, 90_000)

  it('refuses a bucket that cannot lock, one that is not there, and wrong credentials, and says no secret', async () => {
    await expect(openS3Archive(at('plain'))).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
    const plain = await openS3Archive(at('plain', { lock: 'none' }))
    await plain.close()
    await expect(openS3Archive(at('absent'))).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
    const secret = process.env['AWS_SECRET_ACCESS_KEY']
    process.env['AWS_SECRET_ACCESS_KEY'] = 'another-secret-key'
    try {
      const refused = (await openS3Archive(at('archive')).catch((error: unknown) => error)) as Error & {
        hint?: string
      }
      expect(refused).toMatchObject({ code: 'ANNALS_STORE' })
      expect(`${refused.message} ${refused.hint}`).not.toMatch(/another-secret-key|annalstestaccess/)
    } finally {
      process.env['AWS_SECRET_ACCESS_KEY'] = secret
    }
  })

  describe('the act archive', () => {
    const spec = (bucket: string, endpoint = server.endpoint): ArchiveSpec => ({
      kind: 's3',
      bucket,
      endpoint,
      mode: 'compliance',
    })

    it('archives, locks, states without credentials, drops, and what is there verifies with the key alone', async () => {
      const log = await sampleLog()
      const request = { archive: spec('archive'), prefix: 'backup-2021-01/2020-12-31', dropAfter: 0 }
      const run = await log.perform(request)
      expect(run.archive).toBe('s3://archive')
      expect(run.archived).toHaveLength(1)
      expect(run.archived[0]?.path).toMatch(/^backup-2021-01\/2020-12-31\/\d{4}-\d\d-\d\d\/0{12}-\d{12}$/)
      expect(run.dropped).toEqual([0])
      const stated = (await Array.fromAsync(log.trail.events('action:log.archive')))[0]
      expect(JSON.stringify(stated)).not.toContain(server.secretAccessKey)
      expect(JSON.stringify(stated)).not.toContain(server.accessKeyId)
      const { Versions } = await client.send(
        new ListObjectVersionsCommand({ Bucket: 'archive', Prefix: 'backup-2021-01/' }),
      )
      expect(Versions?.length).toBe(run.archived[0]?.objects)
      for (const { Key, VersionId } of Versions ?? [])
        await expect(
          client.send(
            new DeleteObjectCommand({ Bucket: 'archive', Key, VersionId, BypassGovernanceRetention: true }),
          ),
        ).rejects.toMatchObject({ $metadata: expect.objectContaining({ httpStatusCode: 403 }) })
      await log.trail.close()
      const trust = { archive: spec('archive'), prefix: request.prefix, vkey: log.vkey }
      expect(await verifyArchive(trust)).toMatchObject({ ok: true })
      expect((await verifyArchive({ ...trust, keys: log.dir })).findings).toEqual([])
      await expect(verifyArchive({ ...trust, prefix: 'backup-2021-01' })).rejects.toMatchObject({
        code: 'ANNALS_NOT_FOUND',
      })
    })

    it('an upload that is cut off removes nothing, and the next run goes on', async () => {
      const log = await sampleLog()
      const proxy = await cuttingProxy(server.port)
      onTestFinished(() => proxy.close())
      const request = { archive: spec('failing', proxy.endpoint), prefix: 'cut', dropAfter: 0 }
      for (const after of [2_000, 20_000, 45_000]) {
        proxy.cutAfter(after)
        await expect(log.perform(request)).rejects.toMatchObject({ code: 'ANNALS_STORE' })
        expect(await log.states()).toEqual(['sealed', 'open'])
        expect(await Array.fromAsync(log.trail.events('action:log.archive'))).toEqual([])
      }
      proxy.cutAfter(Number.POSITIVE_INFINITY)
      const run = await log.perform(request)
      expect(run).toMatchObject({ archived: [{ chunk: 0 }], dropped: [0] })
      const { Versions } = await client.send(
        new ListObjectVersionsCommand({ Bucket: 'failing', Prefix: 'cut/' }),
      )
      expect(new Set(Versions?.map(({ Key }) => Key)).size).toBe(Versions?.length)
    }, 120_000)

    it('other bytes read back remove nothing', async () => {
      const log = await sampleLog()
      const proxy = await cuttingProxy(server.port)
      onTestFinished(() => proxy.close())
      proxy.alterBodies()
      const request = { archive: spec('failing', proxy.endpoint), prefix: 'altered', dropAfter: 0 }
      await expect(log.perform(request)).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
      expect(await log.states()).toEqual(['sealed', 'open'])
      expect(await Array.fromAsync(log.trail.events('action:log.archive'))).toEqual([])
    }, 60_000)
  })
})

/** A log with one chunk that has ended. */
async function sampleLog() {
  const dir = mkdtempSync(join(tmpdir(), 'annals-s3-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  let time = Date.now() - 86_400_000
  const store = await openEmbedded({ dir, origin: 'example.com/s3' })
  const trail = await openTrail({ store, clocks: { wall: () => time, mono: () => time } })
  onTestFinished(() => trail.close().catch(() => {}))
  for (let n = 0; n < 150; n++)
    await trail.record('door.open', {
      actor: { type: 'user', id: `u${n % 7}` },
      targets: [{ type: 'door', id: `d${n}` }],
      data: { n, note: sha256Base64Url(Buffer.from(String(n))) },
    })
  time += 86_400_000
  await trail.record('door.close')
  await trail.flush()
  return {
    dir,
    trail,
    vkey: store.signer.vkey,
    perform: (request: Parameters<typeof archive.perform>[0]): Promise<ArchiveRun> =>
      trail.perform(archive, request),
    states: async () => (await store.log.chunks()).map(chunk => chunk.state),
  }
}

async function* each(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}
