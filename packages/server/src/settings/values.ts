import { isIP, isIPv6 } from 'node:net'
import { z } from 'zod'

/** Names of well-known networks, as proxies go by. */
const NETWORKS: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

/** The origin of a page: scheme, host and port. A star is none: it would let every page ask. */
export const originSchema: z.ZodString = z
  .string()
  .max(256)
  .refine(isOrigin, 'must be an origin such as https://app.example.com, and no star')

/** A proxy: an address, a network as CIDR has it, or loopback, linklocal, uniquelocal. */
export const proxySchema: z.ZodString = z
  .string()
  .max(64)
  .refine(isProxy, 'must be an address or a network such as 10.0.0.0/8, but not every address')

/** An http or https URL without a password in it. */
export const webAddressSchema: z.ZodString = z
  .string()
  .max(2048)
  .refine(isWebAddress, 'must be an http or https URL without a password in it')

function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text
}

function isProxy(text: string): boolean {
  if (NETWORKS.has(text)) return true
  const [address = '', length, ...more] = text.split('/')
  if (isIP(address) === 0 || more.length > 0) return false
  if (length === undefined) return true
  const bits = Number(length)
  return /^\d{1,3}$/.test(length) && bits >= 1 && bits <= (isIPv6(address) ? 128 : 32)
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}
