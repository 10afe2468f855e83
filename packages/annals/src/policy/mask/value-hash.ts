import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { HashPeriod } from './definition.ts'

const LABEL = 'annals-mask/v1\0'
const FORM = /^hmac:(?:\d{4}(?:-\d\d){0,2}:)?[\w-]{22}$/
/** Characters of an ISO date that name a period. */
const LENGTH: Readonly<Record<HashPeriod, number>> = { year: 4, month: 7, day: 10 }

/**
 * Keyed hashes of values: `hmac:` and the first 22 characters of base64url(HMAC-SHA-256(key, value)). With a period the key is that
 * of the period, which stands between: `hmac:2026-05:…`. The key is HMAC-SHA-256(secret, "annals-mask/v1" ‖ 0x00 ‖ period).
 */
export class ValueHash {
  readonly #secret: KeyObject
  readonly #period: HashPeriod | undefined
  #name: string | undefined
  #key: KeyObject | undefined

  constructor(secret: KeyObject, period: HashPeriod | undefined) {
    this.#secret = secret
    this.#period = period
  }

  /** @param now ms since the epoch: says which period it is */
  hash(value: string, now: number): string {
    const name = this.#period === undefined ? '' : new Date(now).toISOString().slice(0, LENGTH[this.#period])
    if (this.#key === undefined || this.#name !== name) {
      this.#key = periodKey(this.#secret, name)
      this.#name = name
    }
    return format(this.#key, name, value)
  }
}

/** The hash of a value in a period by its name, such as `2026-05`; empty where the key never changes. */
export function hashValue(secret: KeyObject, value: string, period: string = ''): string {
  return format(periodKey(secret, period), period, value)
}

/** Whether a text has the form of a hash. It is not hashed again, so that masking twice is masking once. */
export function isHash(text: string): boolean {
  return text.startsWith('hmac:') && FORM.test(text)
}

function periodKey(secret: KeyObject, period: string): KeyObject {
  return createSecretKey(createHmac('sha256', secret).update(LABEL).update(period).digest())
}

function format(key: KeyObject, period: string, value: string): string {
  const mac = createHmac('sha256', key).update(value).digest('base64url').slice(0, 22)
  return period === '' ? `hmac:${mac}` : `hmac:${period}:${mac}`
}
