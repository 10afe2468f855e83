import type { Context } from '../context.ts'
import { askServer } from './ask-server.ts'
import type { ServerPlace } from './place.ts'

/** Who a token makes somebody on a server: `GET /v1/whoami`. */
export interface Who {
  readonly name?: string
  readonly actor: { readonly type: string; readonly id: string }
  readonly role: string
  readonly permissions: readonly string[]
  /** Query that every event shown meets; empty: every event. */
  readonly filter: string
  readonly level: string
  readonly expiresAt?: string
}

/**
 * Asks a server who a token makes us.
 *
 * @throws Failure exit 3 when it is nobody's
 */
export async function askWho(context: Pick<Context, 'signal'>, place: ServerPlace): Promise<Who> {
  return (await askServer(context, place, { path: '/v1/whoami' })) as Who
}

/** One line for people. */
export function whoText({ name, actor, role }: Who): string {
  return `${name === undefined ? '' : `${name} `}(${actor.type}/${actor.id}), ${role}`
}
