import { UsageFailure } from '../failure/failure.ts'
import { type Config, writeConfig } from './config-file.ts'

/**
 * Removes a context with its token; no other takes its place as the one in use.
 *
 * @returns the server it was for
 * @throws UsageFailure when there is none of this name
 */
export async function forget(
  name: string,
  { current, contexts }: Config,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const gone = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (gone === undefined)
    throw new UsageFailure(`no context "${name}"`, {
      why: 'you have not signed in to a server under this name',
      choice: { given: name, known: Object.keys(contexts) },
    })
  const left = Object.fromEntries(Object.entries(contexts).filter(([one]) => one !== name))
  await writeConfig({ current: current === name ? undefined : current, contexts: left }, env)
  return gone.endpoint
}
