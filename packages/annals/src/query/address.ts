/** Addresses that share their first `bits` of 128 bits; `hex` is 32 hexadecimal digits. */
export interface Network {
  readonly hex: string
  readonly bits: number
}

const MAPPED = '00000000000000000000ffff'

/**
 * An address as 32 lower-case hexadecimal digits: IPv6 (RFC 4291), or IPv4 as its mapped address ::ffff:a.b.c.d,
 * so that both spellings of one address are equal. A zone (`%eth0`) is left out. Undefined for anything else.
 *
 * @example
 * ```ts
 * parseAddress('10.0.0.1') === parseAddress('::ffff:10.0.0.1') // true
 * ```
 */
export function parseAddress(text: string): string | undefined {
  if (text.length > 64) return undefined
  if (!text.includes(':')) {
    const v4 = parseV4(text)
    return v4 === undefined ? undefined : MAPPED + v4
  }
  const zone = text.indexOf('%')
  return parseV6(zone < 0 ? text : text.slice(0, zone))
}

/**
 * A network in CIDR form, IPv4 or IPv6; a lone address is the network of itself. Bits beyond the prefix are ignored.
 *
 * @example
 * ```ts
 * parseNetwork('10.0.0.0/8')?.bits // 104
 * ```
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const hex = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (hex === undefined) return undefined
  if (slash < 0) return { hex, bits: 128 }
  const length = text.slice(slash + 1)
  const isV4 = !text.slice(0, slash).includes(':')
  if (!/^\d{1,3}$/.test(length) || Number(length) > (isV4 ? 32 : 128)) return undefined
  return { hex, bits: Number(length) + (isV4 ? 96 : 0) }
}

/**
 * Whether an address of {@link parseAddress} lies in a network.
 *
 * @example
 * ```ts
 * inNetwork(parseAddress('10.4.7.9') ?? '', parseNetwork('10.0.0.0/8') ?? { hex: '', bits: 0 }) // true
 * ```
 */
export function inNetwork(hex: string, network: Network): boolean {
  const digits = network.bits >> 2
  const rest = network.bits & 3
  if (!hex.startsWith(network.hex.slice(0, digits))) return false
  return rest === 0 || digit(hex, digits) >> (4 - rest) === digit(network.hex, digits) >> (4 - rest)
}

/**
 * The fewest hexadecimal beginnings that together are the network: one, or up to eight when its length is no
 * multiple of four bits.
 *
 * @example
 * ```ts
 * networkPrefixes({ hex: '1'.repeat(32), bits: 7 }) // ['10', '11']
 * ```
 */
export function networkPrefixes(network: Network): string[] {
  const digits = network.bits >> 2
  const rest = network.bits & 3
  const head = network.hex.slice(0, digits)
  if (rest === 0) return [head]
  const first = (digit(network.hex, digits) >> (4 - rest)) << (4 - rest)
  return Array.from({ length: 1 << (4 - rest) }, (_, add) => head + (first + add).toString(16))
}

function digit(hex: string, at: number): number {
  return Number.parseInt(hex.charAt(at), 16)
}

function parseV4(text: string): string | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let hex = ''
  for (const part of parts) {
    // A leading zero reads as octal elsewhere: refused rather than guessed.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    hex += Number(part).toString(16).padStart(2, '0')
  }
  return hex
}

function parseV6(text: string): string | undefined {
  const gap = text.indexOf('::')
  if (gap < 0) return groups(text, true)?.length === 32 ? groups(text, true) : undefined
  const head = groups(text.slice(0, gap), false)
  const tail = groups(text.slice(gap + 2), true)
  if (head === undefined || tail === undefined || head.length + tail.length > 28) return undefined
  return head + '0'.repeat(32 - head.length - tail.length) + tail
}

function groups(text: string, mayEndInV4: boolean): string | undefined {
  if (text === '') return ''
  const parts = text.split(':')
  let hex = ''
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1
    const group = isLast && mayEndInV4 && part.includes('.') ? parseV4(part) : hexGroup(part)
    if (group === undefined) return undefined
    hex += group
  }
  return hex
}

function hexGroup(part: string): string | undefined {
  return /^[0-9a-f]{1,4}$/i.test(part) ? part.toLowerCase().padStart(4, '0') : undefined
}
