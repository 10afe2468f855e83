import { AnnalsError } from '../model/index.ts'
import { hashText } from './digest.ts'

/** Where the next page begins. */
export interface Cursor {
  /** Place between two positions to go on from: those before it are below, this one is above. */
  readonly index: number
  readonly order: 'asc' | 'desc'
  /** The page that ends there in this order, instead of the one that begins there. */
  readonly back?: true
  /** Size of the log that the pages are a picture of. */
  readonly asOf: number
  /** {@link queryDigest} of the query that is paged. */
  readonly digest: string
}

/** What a cursor must belong to. */
export interface ExpectedCursor {
  readonly digest: string
  readonly order?: Cursor['order'] | undefined
}

const VERSION = 1
const LONGEST = 512

/**
 * A cursor as opaque text: base64url (RFC 4648) of canonical JSON `{asOf, back, index, order, query, v}`, `back`
 * being true or absent, where `query` binds the other members to the query. It grants nothing: access is checked on every page.
 *
 * @throws TypeError when a position is no whole number from 0
 * @example
 * ```ts
 * formatCursor({ index: 918233, order: 'desc', asOf: 918300, digest: queryDigest(query) })
 * ```
 */
export function formatCursor(cursor: Cursor): string {
  if (!isPosition(cursor.index) || !isPosition(cursor.asOf)) {
    throw new TypeError('formatCursor: index and asOf must be whole numbers from 0')
  }
  return encode(cursor)
}

/**
 * Reads a cursor back.
 *
 * @throws AnnalsError ANNALS_CURSOR when it was damaged, altered, or made for another query or order
 * @example
 * ```ts
 * parseCursor(text, { digest: queryDigest(query), order: 'desc' }).index
 * ```
 */
export function parseCursor(text: string, expected: ExpectedCursor): Cursor {
  const cursor = decode(text, expected.digest)
  // Encoding again compares everything: form, version and binding.
  if (!cursor || encode(cursor) !== text) return refuse('it is damaged or belongs to another query')
  if (expected.order !== undefined && cursor.order !== expected.order) {
    return refuse('it belongs to pages in the other order')
  }
  return cursor
}

function encode({ index, order, asOf, back, digest }: Cursor): string {
  const query = hashText(`${VERSION}|${digest}|${index}|${order}|${asOf}${back === true ? '|back' : ''}`)
  // A member that is undefined is left out.
  const json = JSON.stringify({ asOf, back, index, order, query, v: VERSION })
  return btoa(json).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function decode(text: string, digest: string): Cursor | undefined {
  if (typeof text !== 'string' || text.length > LONGEST || !/^[\w-]+$/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')))
    const { index, order, asOf, back } = value as Partial<Record<keyof Cursor, unknown>>
    if (!isPosition(index) || !isPosition(asOf) || (order !== 'asc' && order !== 'desc')) return undefined
    return { index, order, asOf, ...(back === true && { back }), digest }
  } catch {
    return undefined
  }
}

function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function refuse(why: string): never {
  throw new AnnalsError('ANNALS_CURSOR', `the cursor cannot be used: ${why}`, {
    hint: 'ask for the first page again, without a cursor',
  })
}
