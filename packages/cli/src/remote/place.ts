import type { Context } from '../context.ts'
import { Failure, UsageFailure } from '../failure/failure.ts'
import { type Config, readConfig } from './config-file.ts'
import { endpointOf } from './endpoint.ts'
import { givenToken } from './token.ts'

/** A server, and what to sign in with. */
export interface ServerPlace {
  readonly kind: 'server'
  readonly endpoint: string
  readonly token: string
}

/** What a command works on. */
export type Place = { readonly kind: 'directory'; readonly dir: string } | ServerPlace

type Needs = Pick<Context, 'globals' | 'env' | 'stdin'>

/** A server that was named, and who named it. */
interface Named {
  readonly endpoint: string
  /** Token that is kept for exactly this server. */
  readonly kept: string | undefined
}

/**
 * Where a command works that can ask a server: flags go before the environment, that before the server that was signed in to, and
 * all before the default directory. In the environment ANNALS_DIR goes before ANNALS_ENDPOINT.
 *
 * @throws UsageFailure for two places at once; Failure exit 3 without a token
 */
export async function placeOf(context: Needs): Promise<Place> {
  const server = await serverNamed(context)
  return server === undefined
    ? { kind: 'directory', dir: context.globals.dir }
    : await signedIn(server, context)
}

/**
 * The server of a command that needs one.
 *
 * @throws UsageFailure when none was named; Failure exit 3 without a token
 */
export async function serverOf(context: Needs): Promise<ServerPlace> {
  const server = await serverNamed(context)
  if (server !== undefined) return await signedIn(server, context)
  throw new UsageFailure('which server?', {
    why: 'none was named, and none was signed in to',
    hint: 'Sign in with "annals login --endpoint URL", or set ANNALS_ENDPOINT and ANNALS_TOKEN.',
  })
}

/**
 * The directory of a command that knows no server. Where a server is what other commands ask, the default directory is not taken
 * for it.
 *
 * @throws UsageFailure
 */
export async function directoryOf(context: Needs): Promise<string> {
  const { dir, dirFrom } = context.globals
  if (dirFrom !== 'default') return dir
  const server = await serverNamed({ ...context, globals: { ...context.globals, server: NO_FLAGS } })
  if (server === undefined) return dir
  throw new UsageFailure('this works on a directory', {
    why: `you are signed in to ${server.endpoint}, and only its own machine can do this`,
    hint: `Name the directory: --dir ${dir}.`,
  })
}

/** The words of a command line that name a place. */
export function placeWords(place: Place): readonly string[] {
  return place.kind === 'directory' ? ['--dir', place.dir] : ['--endpoint', place.endpoint]
}

/** A place as messages name it. */
export function placeName(place: Place): string {
  return place.kind === 'directory' ? `the log in ${place.dir}` : `the log at ${place.endpoint}`
}

const NO_FLAGS = { endpoint: undefined, context: undefined, tokenFile: undefined }

async function serverNamed({ globals, env }: Needs): Promise<Named | undefined> {
  const { dirFrom, server } = globals
  const flags = [
    dirFrom === 'flag' ? '--dir' : '',
    server.endpoint === undefined ? '' : '--endpoint',
    server.context === undefined ? '' : '--context',
  ].filter(flag => flag !== '')
  if (flags.length > 1)
    throw new UsageFailure(`${flags.join(' and ')} at once`, {
      why: 'each of them names where the log is',
      hint: 'Give one of them.',
    })
  if (dirFrom === 'flag') return undefined
  if (server.endpoint !== undefined) return await known(endpointOf(server.endpoint, '--endpoint', env), env)
  if (server.context !== undefined) return contextNamed(server.context, await readConfig(env), env)
  if (dirFrom === 'environment') return undefined
  const named = env['ANNALS_ENDPOINT'] || undefined
  if (named !== undefined) return await known(endpointOf(named, 'ANNALS_ENDPOINT', env), env)
  const config = await readConfig(env)
  return config.current === undefined ? undefined : contextNamed(config.current, config, env)
}

/** A kept token goes to the server that it was kept for, and to no other. */
async function known(endpoint: string, env: Context['env']): Promise<Named> {
  const { current, contexts } = await readConfig(env)
  const all = Object.entries(contexts).filter(([, one]) => one.endpoint === endpoint)
  const [, found] = all.find(([name]) => name === current) ?? all[0] ?? []
  return { endpoint, kept: found?.token }
}

function contextNamed(name: string, { contexts }: Config, env: Context['env']): Named {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (found !== undefined)
    return { endpoint: endpointOf(found.endpoint, `context ${name}`, env), kept: found.token }
  throw new UsageFailure(`no context "${name}"`, {
    why: 'you have not signed in to a server under this name',
    choice: { given: name, known: Object.keys(contexts) },
  })
}

async function signedIn({ endpoint, kept }: Named, { globals, env, stdin }: Needs): Promise<ServerPlace> {
  const { tokenFile } = globals.server
  const token = (await givenToken({ tokenFile, env, stdin })) ?? kept
  if (token !== undefined) return { kind: 'server', endpoint, token }
  throw new Failure(`not signed in to ${endpoint}`, {
    exit: 3,
    code: 'ANNALS_UNAUTHENTICATED',
    why: 'no token was given, and none is kept for this server',
    hint: `Sign in with "annals login --endpoint ${endpoint}", or set ANNALS_TOKEN.`,
  })
}
