import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { exportKey, importKey } from '../log/signer.ts'
import { AnnalsError } from '../model/index.ts'
import type { WitnessedHead, WitnessMemory } from './witness.ts'

/** Accusations that are kept; a log that misbehaves more often has proved enough. */
const MOST_ACCUSATIONS = 1_000

/** The directory of a witness: its name, its key, and one file of state for each log. */
export interface WitnessDirectory extends WitnessMemory {
  readonly name: string
  readonly key: KeyObject
}

/**
 * Makes the directory of a new witness with a fresh key.
 *
 * @throws AnnalsError ANNALS_CONFLICT when there is a witness already: its key and memory are never replaced
 */
export async function createWitnessDirectory(dir: string, name: string): Promise<WitnessDirectory> {
  await mkdir(join(dir, 'logs'), { recursive: true, mode: 0o700 })
  if (existsSync(join(dir, 'witness.json'))) {
    throw new AnnalsError('ANNALS_CONFLICT', `${dir} holds a witness already.`, {
      hint: 'Serve that one, or name another directory. A witness that loses its memory must not be used again.',
    })
  }
  await replace(dir, 'witness.key', Buffer.from(exportKey(generateKeyPairSync('ed25519').privateKey)))
  await replace(dir, 'witness.json', Buffer.from(`${JSON.stringify({ v: 1, name })}\n`))
  return await openWitnessDirectory(dir)
}

/**
 * Opens the directory of a witness.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is none, ANNALS_KEYS when its key is damaged
 */
export async function openWitnessDirectory(dir: string): Promise<WitnessDirectory> {
  let name: unknown
  let key: KeyObject
  try {
    name = (JSON.parse(await readFile(join(dir, 'witness.json'), 'utf8')) as { name?: unknown }).name
    key = importKey(await readFile(join(dir, 'witness.key'), 'utf8'))
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'ENOENT'
      ? new AnnalsError('ANNALS_NOT_FOUND', `${dir} holds no witness.`, {
          cause,
          hint: 'Make one with annals witness init.',
        })
      : damaged(dir, cause)
  }
  if (typeof name !== 'string' || key.asymmetricKeyType !== 'ed25519') throw damaged(dir)
  return {
    name,
    key,
    load: origin => load(dir, origin),
    save: async (origin, { size, root }) => {
      const state = { origin, size, root: Buffer.from(root).toString('base64') }
      await replace(join(dir, 'logs'), `${fileOf(origin)}.json`, Buffer.from(`${JSON.stringify(state)}\n`))
    },
    accuse: (origin, request) => accuse(dir, origin, request),
  }
}

async function load(dir: string, origin: string): Promise<WitnessedHead | undefined> {
  let text: string
  try {
    text = await readFile(join(dir, 'logs', `${fileOf(origin)}.json`), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  // A damaged memory must not look like none: then any history would be cosigned.
  const state = JSON.parse(text) as { origin?: unknown; size?: unknown; root?: unknown }
  const root = Buffer.from(String(state.root), 'base64')
  if (state.origin !== origin || !Number.isSafeInteger(state.size) || root.length !== 32) throw damaged(dir)
  return { size: state.size as number, root }
}

async function accuse(dir: string, origin: string, request: Uint8Array): Promise<void> {
  const accusations = join(dir, 'accusations')
  await mkdir(accusations, { recursive: true, mode: 0o700 })
  if ((await readdir(accusations)).length >= MOST_ACCUSATIONS) return
  const time = new Date().toISOString().replaceAll(':', '-')
  await replace(accusations, `${time}-${fileOf(origin)}-${randomBytes(4).toString('hex')}.txt`, request)
}

/** An origin is any text without space: its file is named by its hash. */
function fileOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex').slice(0, 32)
}

async function replace(dir: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dir, `.${name}.${randomBytes(6).toString('hex')}`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(dir, name))
  const directory = await open(dir, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function damaged(dir: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_KEYS', `The witness in ${dir} is damaged.`, {
    cause,
    hint: 'Restore it from a copy that is not older than its last cosignature, or retire it and make another.',
  })
}
