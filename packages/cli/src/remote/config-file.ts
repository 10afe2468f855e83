import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { Failure } from '../failure/failure.ts'

/** A server that somebody has signed in to. */
export interface SignedIn {
  readonly endpoint: string
  readonly token: string
}

/** What is kept between commands: servers by name, and the one that is used unless told. */
export interface Config {
  readonly current: string | undefined
  readonly contexts: Readonly<Record<string, SignedIn>>
}

type Environment = Readonly<Record<string, string | undefined>>

/** Form of the name of a context. */
export const CONTEXT_NAME: RegExp = /^[\w.:@-]{1,128}$/

const EMPTY: Config = { current: undefined, contexts: {} }

/** Where servers and tokens are kept (XDG base directories); undefined without a home. */
export function configPath(env: Environment): string | undefined {
  const base = env['XDG_CONFIG_HOME']
  if (base !== undefined && isAbsolute(base)) return join(base, 'annals', 'config.json')
  const home = process.platform === 'win32' ? env['APPDATA'] : env['HOME']
  if (home === undefined || home === '') return undefined
  return process.platform === 'win32'
    ? join(home, 'annals', 'config.json')
    : join(home, '.config', 'annals', 'config.json')
}

/**
 * Reads the file; an absent one is empty.
 *
 * @throws Failure exit 1 when it is not understood, 3 when others can read it: then its tokens are no secrets
 */
export async function readConfig(env: Environment): Promise<Config> {
  const path = configPath(env)
  if (path === undefined) return EMPTY
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY
    throw error
  }
  try {
    const { mode } = await file.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new Failure(`others can read ${path}`, {
        exit: 3,
        code: 'CONFIG',
        why: 'it holds tokens',
        hint: 'Revoke them if somebody may have read it; then: chmod 600.',
      })
    return configOf(await readFile(file, 'utf8'), path)
  } finally {
    await file.close()
  }
}

/**
 * Replaces the file; only its owner can read it, and a crash leaves the old or the new.
 *
 * @returns its path
 * @throws Failure without a home
 */
export async function writeConfig(config: Config, env: Environment): Promise<string> {
  const path = configPath(env)
  if (path === undefined)
    throw new Failure('nowhere to keep the token', {
      exit: 1,
      code: 'CONFIG',
      why: 'neither XDG_CONFIG_HOME nor HOME is set',
      hint: 'Use ANNALS_ENDPOINT and ANNALS_TOKEN.',
    })
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const next = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const file = await open(next, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(config, undefined, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
  return path
}

function configOf(text: string, path: string): Config {
  try {
    const { current, contexts } = JSON.parse(text) as { current?: unknown; contexts?: unknown }
    const pairs = Object.entries((contexts ?? {}) as Record<string, Partial<SignedIn>>)
    return {
      current: typeof current === 'string' ? current : undefined,
      contexts: Object.fromEntries(
        pairs.map(([name, { endpoint, token }]) => {
          if (typeof endpoint !== 'string' || typeof token !== 'string') throw new TypeError(name)
          return [name, { endpoint, token }]
        }),
      ),
    }
  } catch {
    // The cause may quote a token.
    throw new Failure(`${path} is not understood`, {
      exit: 1,
      code: 'CONFIG',
      why: 'it is not what "annals login" writes',
      hint: 'Remove it and sign in again with "annals login".',
    })
  }
}
