import { BlockList, isIP, isIPv4 } from 'node:net'

/** Finds the address of a client behind proxies. */
export type ClientAddress = (peer: string | undefined, forwardedFor: string | undefined) => string | undefined

/**
 * The address of the client: that of the connection, unless it belongs to a trusted proxy. Then `X-Forwarded-For` is read from its
 * end, where the nearest proxy wrote, up to the first address that is not a trusted proxy's: whatever is before was sent by
 * whoever calls.
 *
 * @param trusted how many proxies stand before the service, or their addresses and networks (CIDR). @defaultValue none
 * @throws TypeError for what is no address, network or number of proxies
 * @example
 * ```ts
 * clientAddress(['10.0.0.0/8'])('10.0.0.1', '6.6.6.6, 203.0.113.9') // '203.0.113.9'
 * ```
 */
export function clientAddress(trusted: number | readonly string[] | undefined): ClientAddress {
  const isTrusted = trustOf(trusted ?? 0)
  return (peer, forwardedFor) => {
    let address = plain(peer)
    const hops = forwardedFor === undefined ? [] : forwardedFor.split(',')
    for (let hop = 0; address !== undefined && isTrusted(address, hop) && hops.length > 0; hop++) {
      const before = plain(hops.pop()?.trim())
      // A proxy that wrote what is no address is not followed: what stands before it may be anybody's.
      if (before === undefined) break
      address = before
    }
    return address
  }
}

function trustOf(trusted: number | readonly string[]): (address: string, hop: number) => boolean {
  if (typeof trusted === 'number') {
    if (!Number.isInteger(trusted) || trusted < 0)
      throw new TypeError(`trustedProxies ${trusted}: a whole number of proxies, or their addresses`)
    return (_, hop) => hop < trusted
  }
  const list = new BlockList()
  for (const one of trusted) {
    const [address = '', bits, more] = one.split('/')
    const family = isIP(address)
    const most = family === 4 ? 32 : 128
    const length = bits === undefined ? most : Number(bits)
    const isSound = family !== 0 && more === undefined && /^\d{1,3}$/.test(bits ?? '0') && length <= most
    if (!isSound)
      throw new TypeError(
        `trustedProxies ${JSON.stringify(one)}: an IP address or a network such as 10.0.0.0/8`,
      )
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  }
  return address => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** An address without the clothes of IPv4 in IPv6, a port or a zone; undefined for what is none. */
function plain(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  const address = bare.replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIP(address) === 0 ? undefined : address
}
