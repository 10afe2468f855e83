import { join } from 'node:path'
import { parseCheckpoint, parseNote } from '@annals/tlog'
import type { LocalTrail } from 'annals'
import type { Logger } from 'pino'
import type { Settings } from '../settings/settings.ts'
import { ApiKeys } from './api-keys.ts'
import { type Authenticate, authenticateBy } from './authenticate.ts'
import { Credentials } from './credentials.ts'
import { keyFile } from './key-file.ts'
import { OidcTokens } from './oidc-tokens.ts'
import { RevocationList, revocationFile } from './revocation-list.ts'
import { serverSecret } from './secret.ts'
import { tokenLog } from './token-log.ts'
import { VIEWER_SECONDS } from './viewer-grant.ts'
import { ViewerTokens } from './viewer-tokens.ts'

/** All that decides who may do what. */
export interface Access {
  readonly keys: ApiKeys
  readonly viewerTokens: ViewerTokens
  readonly credentials: Credentials
  readonly authenticate: Authenticate
}

/**
 * Opens what a directory keeps of access: `access.json` with the hashes of keys, `server-secret`, and `revoked.json`; each for its
 * owner's eyes only.
 *
 * @throws AnnalsError when one of them can be read by others, or is not understood
 */
export async function openAccess(trail: LocalTrail, settings: Settings, log: Logger): Promise<Access> {
  const { dir, limits, oidc } = settings
  const tokens = tokenLog(trail)
  const keys = await ApiKeys.open(keyFile(join(dir, 'access.json')), tokens)
  const viewerTokens = new ViewerTokens(
    await serverSecret(join(dir, 'server-secret')),
    await originOf(trail),
    await RevocationList.open(revocationFile(join(dir, 'revoked.json')), VIEWER_SECONDS * 1000),
    tokens,
  )
  const credentials = new Credentials([keys, viewerTokens], limits.streams)
  const issued = new OidcTokens(oidc, error =>
    log.warn({ err: error.cause }, 'an issuer of tokens does not answer'),
  )
  return {
    keys,
    viewerTokens,
    credentials,
    authenticate: authenticateBy([keys, viewerTokens, issued], credentials),
  }
}

/** The name of the log, as its checkpoints have it. */
async function originOf(trail: LocalTrail): Promise<string> {
  const checkpoint = async (): Promise<Uint8Array | undefined> => await trail.checkpoint()
  let note = await checkpoint()
  if (note === undefined) {
    await trail.flush()
    note = await checkpoint()
  }
  if (note === undefined) throw new Error('the log has no checkpoint')
  return parseCheckpoint(parseNote(note).text).origin
}
