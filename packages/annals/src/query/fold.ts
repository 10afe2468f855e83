/**
 * A text with its case removed, the way `:` compares.
 *
 * Lower-casing alone depends on context for one letter, the Greek final sigma; with it replaced,
 * `fold(a + b) === fold(a) + fold(b)`, so that beginnings of folded texts are folded beginnings.
 *
 * @example
 * ```ts
 * fold('Web-3') // 'web-3'
 * ```
 */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower
}
