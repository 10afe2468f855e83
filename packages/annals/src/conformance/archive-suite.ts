import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { Archive, ArchiveContent, ArchivedObject } from '../lifecycle/archive/archive.ts'
import type { StoreRunner } from './store-runner.ts'

/** How {@link testArchive} gets at what it tests. */
export interface ArchiveSuiteOptions {
  readonly name: string
  /** Opens the archive; the same each time. What others keep in it is left alone. */
  readonly open: () => Promise<Archive>
  /** Prefix of the test's own names. @defaultValue one of its own each time */
  readonly prefix?: string | undefined
  /** How long objects of the test are locked, in milliseconds. @defaultValue 60000 */
  readonly lockMs?: number | undefined
  /** Bytes of the largest object of the test; above the size at which the archive divides objects. @defaultValue 300000 */
  readonly largest?: number | undefined
}

/** What {@link testArchive} has registered. */
export interface ArchiveReport {
  /** Laws that are tested. */
  readonly laws: number
}

/** A law, and the test that it holds. */
interface ArchiveLaw {
  readonly title: string
  prove(bench: ArchiveBench): Promise<void>
}

interface ArchiveBench {
  readonly archive: Archive
  readonly prefix: string
  readonly lockMs: number
  readonly largest: number
  readonly reopen: () => Promise<Archive>
}

const LAWS: readonly ArchiveLaw[] = [
  {
    title: 'gives back the bytes that were put, also to one who opens it anew',
    async prove({ archive, prefix, reopen, largest }) {
      for (const [name, bytes] of [
        ['empty', Buffer.alloc(0)],
        ['small', Buffer.from('one')],
        ['large', randomBytes(largest)],
      ] as const) {
        await archive.put(prefix + name, contentOf(bytes))
        assert.ok((await read(archive, prefix + name)).equals(bytes))
        const other = await reopen()
        assert.ok((await read(other, prefix + name)).equals(bytes))
        await other.close()
      }
    },
  },
  {
    title: 'tells size, and the hash where it keeps one',
    async prove({ archive, prefix }) {
      const content = contentOf(Buffer.from('told'))
      await archive.put(`${prefix}told`, content)
      const found = (await archive.head(`${prefix}told`)) as ArchivedObject
      assert.equal(found.name, `${prefix}told`)
      assert.equal(found.bytes, 4)
      assert.ok(found.sha256 === undefined || found.sha256 === content.sha256)
      assert.equal(await archive.head(`${prefix}nothing`), undefined)
    },
  },
  {
    title: 'refuses a name that is taken, with other bytes or the same, and keeps the first',
    async prove({ archive, prefix }) {
      await archive.put(`${prefix}taken`, contentOf(Buffer.from('first')))
      for (const bytes of [Buffer.from('other'), Buffer.from('first')])
        await assert.rejects(archive.put(`${prefix}taken`, contentOf(bytes)), { code: 'ANNALS_CONFLICT' })
      assert.equal((await read(archive, `${prefix}taken`)).toString(), 'first')
    },
  },
  {
    title: 'takes nothing whose bytes are not of the announced size and hash',
    async prove({ archive, prefix, largest }) {
      for (const length of [10, largest]) {
        const bytes = randomBytes(length)
        const wrong = { ...contentOf(bytes), sha256: contentOf(Buffer.from('else')).sha256 }
        await assert.rejects(archive.put(`${prefix}wrong`, wrong), { code: 'ANNALS_STORE' })
        const short = { ...contentOf(bytes), bytes: length - 1 }
        await assert.rejects(archive.put(`${prefix}wrong`, short))
        assert.equal(await archive.head(`${prefix}wrong`), undefined)
      }
    },
  },
  {
    title: 'leaves nothing of an object whose bytes end in a failure',
    async prove({ archive, prefix, largest }) {
      const broken: ArchiveContent = {
        ...contentOf(randomBytes(largest)),
        open: async function* () {
          yield randomBytes(1_000)
          throw new Error('cut')
        },
      }
      await assert.rejects(archive.put(`${prefix}broken`, broken))
      assert.equal(await archive.head(`${prefix}broken`), undefined)
      assert.deepEqual(await names(archive, `${prefix}broken`), [])
      const bytes = Buffer.from('whole')
      await archive.put(`${prefix}broken`, contentOf(bytes))
      assert.ok((await read(archive, `${prefix}broken`)).equals(bytes))
    },
  },
  {
    title: 'says that an object is not there',
    async prove({ archive, prefix }) {
      await assert.rejects(read(archive, `${prefix}absent`), { code: 'ANNALS_NOT_FOUND' })
      await assert.rejects(archive.retain(`${prefix}absent`, Date.now() + 60_000), {
        code: 'ANNALS_NOT_FOUND',
      })
    },
  },
  {
    title: 'lists by prefix in the order of names, and nothing else',
    async prove({ archive, prefix }) {
      const own = ['list/a/1', 'list/a-b/1', 'list/a/2', 'list/b', 'list-2/a'].map(name => prefix + name)
      for (const name of own) await archive.put(name, contentOf(Buffer.from(name)))
      assert.deepEqual(await names(archive, `${prefix}list/`), own.slice(0, 4).sort())
      assert.deepEqual(await names(archive, `${prefix}list/a/`), [own[0], own[2]])
      assert.deepEqual(await names(archive, `${prefix}list/a`), [own[1], own[0], own[2]].sort())
      assert.deepEqual(await names(archive, `${prefix}none/`), [])
      assert.equal((await Array.fromAsync(archive.list(`${prefix}list/b`)))[0]?.bytes, own[3]?.length)
    },
  },
  {
    title: 'locks an object as it is put, and only ever for longer',
    async prove({ archive, prefix, lockMs }) {
      const name = `${prefix}locked`
      const until = seconds(Date.now() + lockMs)
      await archive.put(name, { ...contentOf(Buffer.from('locked')), retainUntil: until })
      const locked = async (): Promise<number | undefined> => (await archive.head(name))?.retainUntil
      const first = await locked()
      if (first === undefined) return
      assert.equal(first, until)
      await archive.retain(name, until + 5_000)
      assert.equal(await locked(), until + 5_000)
      await archive.retain(name, until)
      assert.equal(await locked(), until + 5_000)
      assert.equal((await read(archive, name)).toString(), 'locked')
    },
  },
  {
    title: 'refuses names that lead elsewhere',
    async prove({ archive }) {
      for (const name of ['', '/a', 'a/', 'a//b', '../a', 'a/../b', './a', 'a\u0000b', 'a\\b']) {
        await assert.rejects(archive.put(name, contentOf(Buffer.from('x'))), TypeError)
        await assert.rejects(archive.head(name), TypeError)
        await assert.rejects(read(archive, name), TypeError)
      }
    },
  },
  {
    title: 'says where it is, the same each time, without anything secret',
    async prove({ archive, reopen }) {
      const other = await reopen()
      assert.equal(other.describe(), archive.describe())
      await other.close()
      for (const secret of ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SESSION_TOKEN']) {
        const value = process.env[secret]
        assert.ok(value === undefined || !archive.describe().includes(value))
      }
    },
  },
]

/**
 * The conformance suite of archives: registers a test for each law of the contract. An archive passes when every test does.
 * What is locked stays for {@link ArchiveSuiteOptions.lockMs}; nothing is removed.
 *
 * @example
 * ```ts
 * import { describe, it } from 'vitest'
 * testArchive({ describe, it }, { name: 'directory', open: async () => openDirectoryArchive({ dir }) })
 * ```
 */
export function testArchive(
  runner: Pick<StoreRunner, 'describe' | 'it'>,
  options: ArchiveSuiteOptions,
): ArchiveReport {
  runner.describe(`archive ${options.name}`, () => {
    for (const [nth, law] of LAWS.entries()) {
      runner.it(law.title, async () => {
        const archive = await options.open()
        const own = options.prefix ?? `conformance-${randomBytes(6).toString('hex')}`
        try {
          await law.prove({
            archive,
            prefix: `${own}/${nth}/`,
            lockMs: options.lockMs ?? 60_000,
            largest: options.largest ?? 300_000,
            reopen: options.open,
          })
        } finally {
          await archive.close()
        }
      })
    }
  })
  return { laws: LAWS.length }
}

function contentOf(bytes: Buffer): ArchiveContent {
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('base64url'),
    open: async function* () {
      for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000)
    },
  }
}

async function read(archive: Archive, name: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(archive.get(name)))
}

async function names(archive: Archive, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(archive.list(prefix))).map(one => one.name)
}

/** Locks of some archives are kept in whole seconds. */
function seconds(time: number): number {
  return Math.ceil(time / 1000) * 1000
}
