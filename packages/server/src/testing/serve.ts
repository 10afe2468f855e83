import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewKey } from '../access/key-schema.ts'
import { roleNamed } from '../access/roles.ts'
import type { SettingsGiven } from '../settings/settings.ts'
import { type RunningServer, startServer } from '../start-server.ts'

/** A server on a directory of its own and a free port. */
export interface TestServer extends RunningServer, AsyncDisposable {
  /** The administrator's key. */
  readonly key: string
  readonly dir: string
  /** Makes a key and returns its token. */
  token(key: Omit<NewKey, 'name'>): Promise<string>
  /** Asks over a real socket; the administrator's token unless another is given, or null for none. */
  ask(path: string, init?: RequestInit & { readonly token?: string | null }): Promise<Response>
}

/** Starts a server for a test; disposing of it ends it and removes its directory. */
export async function serve(settings: Omit<SettingsGiven, 'dir'> = {}): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-server-'))
  const server = await startServer({ dir, port: 0, log: { level: 'silent' }, ...settings })
  const close = async (): Promise<void> => {
    await server.close()
    rmSync(dir, { recursive: true, force: true })
  }
  return {
    ...server,
    key: server.key as string,
    dir,
    token: async key => (await server.keys.create({ name: 'test', ...boxOf(key), ...key })).token,
    async ask(path, { token = server.key, headers, ...init } = {}) {
      const asked = new Headers(headers)
      if (typeof token === 'string') asked.set('Authorization', `Bearer ${token}`)
      return await fetch(new URL(path, server.url), { ...init, headers: asked })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** An end for a key whose role must have one. */
function boxOf({ role }: Omit<NewKey, 'name'>): { readonly expiresAt?: string } {
  if (roleNamed(role)?.timeBoxed !== true) return {}
  return { expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
}
