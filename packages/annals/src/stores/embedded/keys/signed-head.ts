import { join } from 'node:path'
import { isObject } from '../../../log/parts.ts'
import type { SignedHead } from '../../../log/signer.ts'
import type { Layout } from '../layout.ts'

/** Path of the last head that the signer put its name to. */
export function signedHeadPath(layout: Layout): string {
  return join(layout.keys, 'signed-head.json')
}

/** The head as the file has it: one line of JSON. */
export function formatSignedHead({ size, root }: SignedHead): string {
  return `${JSON.stringify({ size, root: Buffer.from(root).toString('base64') })}\n`
}

/** The head in a file's text; undefined for anything else. */
export function parseSignedHead(text: string): SignedHead | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const { size, root } = value
  if (!Number.isSafeInteger(size) || (size as number) < 0 || typeof root !== 'string') return undefined
  const hash = Buffer.from(root, 'base64')
  return hash.length === 32 ? { size: size as number, root: hash } : undefined
}
