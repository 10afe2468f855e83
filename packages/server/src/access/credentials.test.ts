import { setTimeout as delay } from 'node:timers/promises'
import { FULL_SCOPE } from 'annals/query'
import { describe, expect, it } from 'vitest'
import { Credentials, type EndReason, type Revocations } from './credentials.ts'
import type { Principal } from './principal.ts'

class Revoked implements Revocations {
  readonly #names = new Set<string>()
  readonly #listeners: (() => void)[] = []
  isRevoked({ credential, basis = [] }: Principal): boolean {
    return [credential, ...basis].some(name => this.#names.has(name))
  }
  onRevoke(listener: () => void): void {
    this.#listeners.push(listener)
  }
  add(name: string): void {
    this.#names.add(name)
    for (const listener of this.#listeners) listener()
  }
}

function principal(credential: string, more: Partial<Principal> = {}): Principal {
  return {
    actor: { type: 'key', id: credential },
    role: 'operator',
    permissions: new Set(),
    scope: FULL_SCOPE,
    own: false,
    credential,
    ...more,
  }
}

function ending(): { readonly ended: Promise<EndReason>; readonly end: (reason: EndReason) => void } {
  const { promise, resolve } = Promise.withResolvers<EndReason>()
  return { ended: promise, end: resolve }
}

describe('credentials', () => {
  it('ends what was opened with one that expires, or that was revoked, also by what it was made with', async () => {
    const revoked = new Revoked()
    const credentials = new Credentials([revoked], 10)
    const [brief, key, viewer, other] = [ending(), ending(), ending(), ending()]
    credentials.watch(principal('jwt:a', { expiresAt: Date.now() + 30 }), brief.end)
    credentials.watch(principal('key:a'), key.end)
    credentials.watch(principal('viewer:1', { basis: ['key:a'] }), viewer.end)
    using _ = credentials.watch(principal('key:b'), other.end)
    expect(await brief.ended).toBe('expired')
    revoked.add('key:a')
    expect(await key.ended).toBe('revoked')
    expect(await viewer.ended).toBe('revoked')
    expect(credentials.open).toBe(1)
  })

  it('ends what was opened with one that had ended by then, and never before watch returns', async () => {
    const revoked = new Revoked()
    revoked.add('key:a')
    const credentials = new Credentials([revoked], 10)
    for (const late of [principal('key:a'), principal('jwt:b', { expiresAt: 1 })]) {
      const { ended, end } = ending()
      let returned = false
      credentials.watch(late, reason => end(returned ? reason : ('too early' as EndReason)))
      returned = true
      expect(await ended).toBe(late.credential === 'key:a' ? 'revoked' : 'expired')
    }
    expect(credentials.open).toBe(0)
  })

  it('calls once, and never after it was disposed of', async () => {
    const revoked = new Revoked()
    const credentials = new Credentials([revoked], 10)
    let calls = 0
    const watch = credentials.watch(principal('key:a', { expiresAt: Date.now() + 5 }), () => calls++)
    watch[Symbol.dispose]()
    watch[Symbol.dispose]()
    credentials.watch(principal('key:a'), () => calls++)
    revoked.add('key:a')
    revoked.add('key:a')
    await delay(20)
    expect(calls).toBe(1)
  })

  it('gives one credential so many, and frees them', () => {
    const credentials = new Credentials([], 3)
    const held = Array.from({ length: 3 }, () => credentials.watch(principal('key:a'), () => {}))
    expect(() => credentials.watch(principal('key:a'), () => {})).toThrow(
      expect.objectContaining({ status: 429 }),
    )
    using _ = credentials.watch(principal('key:b'), () => {})
    held[0]?.[Symbol.dispose]()
    held[0]?.[Symbol.dispose]()
    const again = credentials.watch(principal('key:a'), () => {})
    expect(() => credentials.watch(principal('key:a'), () => {})).toThrow()
    for (const one of [...held, again]) one[Symbol.dispose]()
    expect(credentials.open).toBe(1)
  })

  it('waits longer than a timer can', async () => {
    const credentials = new Credentials([], 3)
    let calls = 0
    using _ = credentials.watch(principal('key:a', { expiresAt: Date.now() + 2 ** 33 }), () => calls++)
    await delay(20)
    expect(calls).toBe(0)
  })
})
