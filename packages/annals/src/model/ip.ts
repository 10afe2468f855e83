/**
 * Whether a text is an IPv4 or IPv6 address (RFC 4291 forms, also with an embedded IPv4 part and a zone such as `%eth0`).
 * No port, no prefix length, no brackets.
 *
 * @example
 * ```ts
 * isIp('10.4.7.9')    // true
 * isIp('10.4.7.9:80') // false
 * ```
 */
export function isIp(text: string): boolean {
  return text.includes(':') ? isIpv6(text) : isIpv4(text)
}

function isIpv4(text: string): boolean {
  let octets = 0
  let value = -1
  for (let at = 0; at <= text.length; at += 1) {
    const unit = at === text.length ? 46 : text.charCodeAt(at)
    if (unit === 46) {
      if (value < 0) return false
      octets += 1
      value = -1
    } else if (unit >= 48 && unit <= 57) {
      // A leading zero reads as octal in some tools: such an address would not mean one thing.
      if (value === 0) return false
      value = Math.max(value, 0) * 10 + unit - 48
      if (value > 255) return false
    } else return false
  }
  return octets === 4
}

function isIpv6(text: string): boolean {
  const percent = text.indexOf('%')
  if (percent >= 0 && !/^%[A-Za-z0-9._~-]{1,64}$/.test(text.slice(percent))) return false
  const address = percent < 0 ? text : text.slice(0, percent)
  const halves = address.split('::')
  if (halves.length > 2) return false
  const head = groups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1] ?? '', true) : 0
  if (head < 0 || tail < 0) return false
  return halves.length === 2 ? head + tail <= 7 : head === 8
}

/** Number of 16-bit groups in one side of `::`, or −1. Only the last may be an IPv4 address, which is two. */
function groups(side: string, last: boolean): number {
  if (side === '') return 0
  const pieces = side.split(':')
  let count = 0
  for (const [at, piece] of pieces.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(piece)) count += 1
    else if (last && at === pieces.length - 1 && isIpv4(piece)) count += 2
    else return -1
  }
  return count
}
