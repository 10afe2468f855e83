/**
 * Length of a text in UTF-8 bytes; a lone surrogate counts three, as U+FFFD would.
 *
 * @example
 * ```ts
 * utf8Length('é') // 2
 * ```
 */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(at + 1))) {
      bytes += 2
      at += 1
    } else bytes += 2
  }
  return bytes
}

/**
 * The longest prefix of whole code points that is at most `maxBytes` long in UTF-8.
 *
 * @example
 * ```ts
 * utf8Prefix('naïve', 3) // 'na': the ï does not fit
 * ```
 */
export function utf8Prefix(text: string, maxBytes: number): string {
  let bytes = 0
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    const pair = unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(at + 1))
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : pair ? 4 : 3
    if (bytes > maxBytes) return text.slice(0, at)
    at += pair ? 2 : 1
  }
  return text
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
