import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, it } from 'vitest'
import { listKeys, rotateKek } from '../../../lifecycle/index.ts'
import { openTrail } from '../../../trail/open-trail.ts'
import { layoutOf } from '../layout.ts'
import { EmbeddedKeys } from './embedded-keys.ts'
import { createKeyEncryption, KeyEncryption, readKeyEncryption } from './key-encryption.ts'
import { changeUntilDeath, filesWith, namesIn, newDirectory } from './keys.test-support.ts'
import { readPepper } from './pepper.ts'
import { SeedFiles } from './seed-files.ts'
import { subjectName, vaultPath, type WrappedKey } from './vault.ts'

const PERSONS = ['ada', 'bob', 'cy'].map(id => ({ type: 'user', id }))

afterEach(() => {
  delete process.env['ANNALS_KEK']
  delete process.env['ANNALS_KEK_OLD']
})

it('wraps seeds, punctured seeds, pepper and subject keys anew, retired ones too, and nothing of the old key is left', async () => {
  const dir = newDirectory()
  const log = await openTrail({ dir, origin: 'example.com/kek' })
  await log.record('first', { actor: { type: 'user', id: 'ada' } })
  await log.close()
  const before = await fill(dir)
  const old = readFileSync(join(dir, 'keys/kek'), 'latin1').trim()
  const trail = await openTrail({ dir })
  const told: [number, number][] = []
  const { id } = await trail.perform(rotateKek, {}, { onProgress: (...at) => told.push(at) })
  expect(told.at(-1)).toEqual([2, 2])
  expect(await trail.perform(listKeys, {})).toContainEqual(
    expect.objectContaining({ key: 'kek', id, state: 'file' }),
  )
  await trail.record('goes.on', { actor: { type: 'user', id: 'new' } })
  const { findings } = await trail.verify()
  expect(findings.filter(({ code }) => code.startsWith('E_'))).toEqual([])
  await trail.close()
  expect(filesWith(dir, old)).toEqual([])
  await expectWrapped(dir, readFileSync(join(dir, 'keys/kek'), 'latin1').trim())
  expect(await secretsOf(dir)).toEqual(before)
})

it('a death before any step of the change loses no secret, and the next opening finishes it', async () => {
  let deaths = 0
  const filled = newDirectory()
  const before = await fill(filled)
  const old = readFileSync(join(filled, 'keys/kek'), 'latin1').trim()
  for (let operation = 1; ; operation++) {
    const dir = newDirectory()
    cpSync(filled, dir, { recursive: true })
    const lived = changeUntilDeath(dir, 'kek', operation)
    expect(await secretsOf(dir)).toEqual(before)
    expect(namesIn(layoutOf(dir)).filter(name => /\.(next|old|tmp)$/.test(name))).toEqual([])
    const now = readFileSync(join(dir, 'keys/kek'), 'latin1').trim()
    await expectWrapped(dir, now)
    if (now !== old) expect(filesWith(dir, old)).toEqual([])
    if (lived) {
      expect(now).not.toBe(old)
      break
    }
    deaths++
  }
  expect(deaths).toBeGreaterThan(12)
}, 120_000)

it('takes a new key from the environment, with the old one beside it for one opening', async () => {
  const dir = newDirectory()
  const [first, second] = [hexKey(), hexKey()]
  process.env['ANNALS_KEK'] = first
  const before = await fill(dir)
  expect(existsSync(join(dir, 'keys/kek'))).toBe(false)
  await opened(dir, async keys => {
    await expect(keys.kek.rotate(() => {})).rejects.toMatchObject({ code: 'ANNALS_KEYS' })
    expect(await keys.kek.state()).toMatchObject({ file: false })
  })
  process.env['ANNALS_KEK'] = second
  await expect(opened(dir)).rejects.toMatchObject({ code: 'ANNALS_KEYS' })
  process.env['ANNALS_KEK_OLD'] = first
  expect(await opened(dir)).toEqual([expect.stringContaining('Unset ANNALS_KEK_OLD')])
  await expectWrapped(dir, second)
  expect(await opened(dir)).toEqual([expect.stringContaining('needed no longer')])
  delete process.env['ANNALS_KEK_OLD']
  expect(await opened(dir)).toEqual([])
  expect(await secretsOf(dir)).toEqual(before)
})

it('keeps both keys when a secret can be opened with neither, and says so', async () => {
  const dir = newDirectory()
  const before = await fill(dir)
  const path = join(dir, 'keys/seeds/000000000007.json')
  const good = readFileSync(path)
  const seeds = JSON.parse(good.toString()) as Record<string, unknown>
  writeFileSync(path, JSON.stringify({ ...seeds, standard: Buffer.alloc(60).toString('base64url') }))
  await opened(dir, async keys => {
    const refused = { code: 'ANNALS_KEYS', message: expect.stringContaining(path) }
    await expect(keys.kek.rotate(() => {})).rejects.toMatchObject(refused)
    await expect(keys.kek.rotate(() => {})).rejects.toMatchObject(refused)
    await keys.subjectKeys([{ type: 'user', id: 'goes on' }])
  })
  expect(await opened(dir)).toEqual([expect.stringContaining('Keep both keys')])
  writeFileSync(path, good)
  expect(await opened(dir)).toEqual([expect.stringContaining('is finished')])
  expect(existsSync(join(dir, 'keys/kek.next'))).toBe(false)
  expect(await secretsOf(dir)).toEqual(before)
})

it('can be changed while another process reads', async () => {
  const dir = newDirectory()
  await fill(dir)
  const layout = layoutOf(dir)
  const reading = (await readKeyEncryption(layout)) as KeyEncryption
  for (let round = 0; round < 2; round++) {
    await opened(dir, async keys => {
      await keys.kek.rotate(() => {})
      expect(new SeedFiles(layout, reading).find(0, 'standard')?.leaf(0)).toHaveLength(32)
    })
  }
  expect(await readPepper(layout, reading)).toHaveLength(32)
})

it('says at opening that a key has been in use for more than a year', async () => {
  const dir = newDirectory()
  await fill(dir)
  expect(await opened(dir)).toEqual([])
  const path = join(dir, 'keys/kek.json')
  const note = JSON.parse(readFileSync(path, 'utf8')) as { id: string }
  writeFileSync(path, JSON.stringify({ ...note, since: '2020-02-03T04:05:06.000Z' }))
  expect(await opened(dir)).toEqual([expect.stringMatching(/since 2020-02-03.*annals key rotate kek/)])
})

/** Makes secrets of every kind; answers what can be derived from them. */
async function fill(dir: string): Promise<unknown> {
  mkdirSync(layoutOf(dir).keys, { recursive: true })
  if (!existsSync(join(dir, 'keys/kek'))) await createKeyEncryption(layoutOf(dir))
  await opened(dir, async keys => {
    await keys.chunkSeeds(0, ['standard'])
    await keys.chunkSeeds(7, ['standard', 'ledger'])
    await keys.puncture(7, 'standard', [{ offset: 2, kept: ['who'] }])
    await keys.destroyClass(7, 'ledger', [])
    await keys.subjectKeys(PERSONS)
    await keys.retire([{ type: 'user', id: 'bob' }])
  })
  return await secretsOf(dir)
}

/** Does something to the keys of a directory, and answers what was said at the opening. */
async function opened(
  dir: string,
  use: (keys: EmbeddedKeys) => Promise<unknown> = async () => {},
): Promise<readonly string[]> {
  const layout = layoutOf(dir)
  const keys = await EmbeddedKeys.open(layout, (await readKeyEncryption(layout)) as KeyEncryption, () => 0)
  try {
    await use(keys)
  } finally {
    await keys.close()
  }
  return keys.notices
}

async function secretsOf(dir: string): Promise<unknown> {
  let found: unknown
  await opened(dir, async keys => {
    const secrets = await keys.secrets(7, 'standard')
    found = {
      pepper: Buffer.from(keys.pepper),
      open: await keys.chunkSeeds(0, ['standard']),
      leaves: [1, 2, 3].map(offset => secrets?.leaf(offset)),
      kept: ['who', 'what'].map(name => secrets?.partSeed(2, name)),
      destroyed: await keys.secrets(7, 'ledger'),
      subjects: await Promise.all(PERSONS.map(person => keys.subject(person))),
    }
  })
  return found
}

/** Every secret in the directory can be opened with this key alone. */
async function expectWrapped(dir: string, hex: string): Promise<void> {
  const layout = layoutOf(dir)
  const kek = new KeyEncryption(Buffer.from(hex, 'hex'))
  expect(await readPepper(layout, kek)).toHaveLength(32)
  const seeds = new SeedFiles(layout, kek)
  expect(seeds.find(0, 'standard')?.leaf(0)).toHaveLength(32)
  expect(seeds.find(7, 'standard')?.leaf(0)).toHaveLength(32)
  const vault = new DatabaseSync(vaultPath(layout), { readOnly: true })
  const keys = vault
    .prepare('SELECT id, wrapped FROM subject UNION ALL SELECT id, wrapped FROM retired')
    .all()
  vault.close()
  expect(keys.length).toBeGreaterThan(1_000)
  for (const { id, wrapped } of keys as unknown as WrappedKey[]) kek.unwrap(wrapped, subjectName(id))
}

function hexKey(): string {
  return randomBytes(32).toString('hex')
}
