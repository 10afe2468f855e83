// RFC 4648 sections 4 and 5. This file alone uses 32-bit operators, and only on numbers of at most 24 bits.
import { requireBytes } from './bytes.ts'
import { TlogError } from './error.ts'

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const standardValues = valuesOf(STANDARD)
const urlSafeValues = valuesOf(URL_SAFE)
const standardPairs = pairsOf(STANDARD)
const urlSafePairs = pairsOf(URL_SAFE)

/**
 * Standard base64 with padding.
 *
 * @example
 * toBase64(new Uint8Array([255])) // '/w=='
 */
export function toBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD, standardPairs)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/**
 * Base64 of the URL-safe alphabet without padding.
 *
 * @example
 * toBase64Url(new Uint8Array([255])) // '_w'
 */
export function toBase64Url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE, urlSafePairs)
}

/**
 * Decodes standard base64 strictly: the text must be the one that `toBase64` gives. No white space, no missing or extra
 * padding, no non-zero bits after the last byte.
 *
 * @throws TlogError E_BASE64
 * @example
 * fromBase64('/w==') // Uint8Array [255]; '/x==' and '/w' are refused
 */
export function fromBase64(text: string): Uint8Array {
  const bytes = decodeBase64(text)
  if (bytes === undefined) throw new TlogError('E_BASE64', 'not canonical base64')
  return bytes
}

/**
 * Decodes URL-safe base64 without padding strictly: the text must be the one that `toBase64Url` gives.
 *
 * @throws TlogError E_BASE64
 * @example
 * fromBase64Url('_w') // Uint8Array [255]
 */
export function fromBase64Url(text: string): Uint8Array {
  const bytes = decode(text, urlSafeValues)
  if (bytes === undefined) throw new TlogError('E_BASE64', 'not canonical URL-safe base64 without padding')
  return bytes
}

/** As `fromBase64`, but undefined for any other text. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  if (text.endsWith('==')) return decode(text.slice(0, -2), standardValues)
  return decode(text.endsWith('=') ? text.slice(0, -1) : text, standardValues, text.endsWith('=') ? 3 : 0)
}

function encode(bytes: Uint8Array, alphabet: string, pairs: readonly string[]): string {
  requireBytes(bytes, 'bytes')
  let text = ''
  let i = 0
  for (; i + 2 < bytes.length; i += 3) {
    const triple = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += (pairs[triple >> 12] ?? '') + (pairs[triple & 4095] ?? '')
  }
  if (i + 1 === bytes.length) text += pairs[(bytes[i] ?? 0) << 4] ?? ''
  if (i + 2 === bytes.length) {
    const triple = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8)
    text += (pairs[triple >> 12] ?? '') + alphabet.charAt((triple >> 6) & 63)
  }
  return text
}

function decode(text: string, values: Uint8Array, rest: number = text.length % 4): Uint8Array | undefined {
  if (rest !== text.length % 4 || rest === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? 64
    if (value === 64) return undefined
    // Never more than 12 bits are pending: at most 6 from before and 6 new ones.
    bits = ((bits << 6) | value) & 4095
    if (i % 4 !== 0) bytes[length++] = bits >> (6 - 2 * (i % 4))
  }
  const spare = rest === 2 ? bits & 15 : rest === 3 ? bits & 3 : 0
  return spare === 0 ? bytes : undefined
}

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(64)
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i
  return values
}

function pairsOf(alphabet: string): readonly string[] {
  return Array.from({ length: 4096 }, (_, i) => alphabet.charAt(i >> 6) + alphabet.charAt(i & 63))
}
