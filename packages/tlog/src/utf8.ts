// The two Web classes used here exist in every browser and in Node; declaring them keeps the package free of the DOM
// and Node type libraries.
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

const encoder = new TextEncoder()
// Without ignoreBOM a leading byte order mark would be dropped silently: two byte strings for one text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of a text, which must be well-formed: an encoder would replace lone surrogates in silence. */
export function encodeUtf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError('text has a lone surrogate')
  return encoder.encode(text)
}

/** The text of UTF-8 bytes, or undefined when they are not valid UTF-8. A byte order mark is kept as U+FEFF. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
