import type { Actor, Credential } from '../../model/index.ts'
import { type Fields, identifierOf, idOf, slug, textOf } from '../fields.ts'

/** An actor, and the members of the record that it holds. */
export interface FoundActor {
  readonly actor: Actor
  readonly used: readonly string[]
}

/** What the secret itself looks like: tokens of GitHub begin with `ghp_`, `gho_`, `github_pat_`, … */
const TOKEN = /^(?:gh[a-z]|github_pat)_/

/**
 * Who acted: the account by its number, which stays when it is renamed, else by its login; the login is its name. Apps act as
 * `bot` (their logins end with `[bot]`), coding agents as `agent`, all others as `user`. The credential is the SHA-256 digest of
 * the token, by which GitHub finds its events, else the id of the token; its type says how access was gained.
 *
 * @see https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/identifying-audit-log-events-performed-by-an-access-token
 */
export function actorOf(record: Fields): FoundActor {
  const login = identifierOf(record['actor'])
  const number = idOf(record['actor_id'])
  const id = number ?? login
  if (id === undefined) return { actor: { type: 'unknown', id: '' }, used: [] }
  const credential = credentialOf(record)
  const used = [...(login === undefined ? [] : ['actor']), ...(credential?.used ?? [])]
  // Beside a name from elsewhere, which is no login, the number stays: an erasure of the person finds it there.
  const linked = ['external_identity_nameid', 'external_identity_username'].some(
    key => textOf(record[key]) !== undefined,
  )
  if (number !== undefined && !linked) used.push('actor_id')
  return {
    actor: {
      type: typeOf(record, login),
      id,
      ...(login !== undefined && { name: login }),
      ...(credential !== undefined && { credential: credential.credential }),
    },
    used,
  }
}

function typeOf(record: Fields, login: string | undefined): string {
  if (record['actor_is_agent'] === true) return 'agent'
  return record['actor_is_bot'] === true || login?.endsWith('[bot]') === true ? 'bot' : 'user'
}

function credentialOf(
  record: Fields,
): { readonly credential: Credential; readonly used: readonly string[] } | undefined {
  const type = slug(identifierOf(record['programmatic_access_type']) ?? '') ?? 'token'
  for (const key of ['hashed_token', 'token_id']) {
    const id = idOf(record[key])
    if (id !== undefined && !TOKEN.test(id)) return { credential: { type, id }, used: [key] }
  }
  return undefined
}
