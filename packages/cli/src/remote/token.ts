import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Failure, UsageFailure } from '../failure/failure.ts'

/** Longest token, characters: more than any header carries. */
const LONGEST = 8_192
/** What a header can carry (RFC 6750, 2.1). */
const FORM = /^[\w.~+/-]+=*$/

/** Where a token can come from, before the one that "annals login" keeps. Never a flag: others see those. */
export interface TokenSources {
  readonly tokenFile: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable
}

/**
 * The token that was given for this command: --token-file, ANNALS_TOKEN, ANNALS_TOKEN_FILE; undefined when none was.
 *
 * @throws UsageFailure for what can be no token
 */
export async function givenToken({ tokenFile, env, stdin }: TokenSources): Promise<string | undefined> {
  if (tokenFile === '-') return tokenOf(await textOf(stdin), 'standard input')
  if (tokenFile !== undefined) return tokenOf(await fileText(tokenFile), tokenFile)
  if (env['ANNALS_TOKEN']) return tokenOf(env['ANNALS_TOKEN'], 'ANNALS_TOKEN')
  const file = env['ANNALS_TOKEN_FILE'] || undefined
  return file === undefined ? undefined : tokenOf(await fileText(file), file)
}

/**
 * A token as it was typed or kept, without white space around it.
 *
 * @param source for messages, which never quote the token
 * @throws UsageFailure
 */
export function tokenOf(text: string, source: string): string {
  const token = text.trim()
  if (token.length <= LONGEST && FORM.test(token)) return token
  throw new UsageFailure(`${source} holds no token`, {
    why: token === '' ? 'it is empty' : 'it is more than one word, or too long',
    hint: 'A token is one word, such as annals_…; nothing else may be in there.',
  })
}

/** Everything that arrives, up to what a token can be. */
export async function textOf(source: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of source) {
    text += String(chunk)
    if (text.length > LONGEST + 2) break
  }
  return text
}

async function fileText(path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    // Devices and pipes such as /dev/fd/3 have no size: it is read as it comes.
    return await textOf(file.createReadStream({ encoding: 'utf8' }))
  } catch (cause) {
    throw new Failure(`cannot read the token in ${path}`, {
      exit: 3,
      code: 'ANNALS_UNAUTHENTICATED',
      why: cause instanceof Error ? cause.message : String(cause),
      hint: 'Check the name of the file, and who may read it.',
      cause,
    })
  }
}
