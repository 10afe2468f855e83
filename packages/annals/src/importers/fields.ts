import { DEFAULT_LIMITS, escapeSegment, type Note, type Target, utf8Length } from '../model/index.ts'
import { ImportReject } from './importer.ts'
import { isDeeper } from './reading/exact-json.ts'

/** A JSON object of unknown content. */
export type Fields = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object, not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value when it is an object, else an empty one. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/** The value when it is an array, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value when it is a text that says something. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The value when it is a text that fits where an identifier, name or tag goes (limits of the model). */
export function identifierOf(value: unknown): string | undefined {
  const text = textOf(value)
  return text !== undefined && fits(text) ? text : undefined
}

/** Whether a text is at most 512 bytes of UTF-8. */
export function fits(text: string): boolean {
  return text.length <= DEFAULT_LIMITS.identifierBytes && utf8Length(text) <= DEFAULT_LIMITS.identifierBytes
}

/**
 * The source record as an object.
 *
 * @throws ImportReject when it is none, or nests deeper than an event may
 */
export function openRecord(record: unknown): Fields {
  if (!isFields(record)) throw new ImportReject('', `must be a JSON object, got ${kindOf(record)}`)
  // The record becomes `data` of an event, two levels down.
  if (isDeeper(record, DEFAULT_LIMITS.depth - 2))
    throw new ImportReject('', `nested deeper than ${DEFAULT_LIMITS.depth - 2}`)
  return record
}

/**
 * A member that must be a text of at most 512 bytes.
 *
 * @throws ImportReject when it is none
 */
export function requiredIdentifier(record: Fields, key: string): string {
  const value = record[key]
  const text = identifierOf(value)
  if (text === undefined)
    throw new ImportReject(`/${escapeSegment(key)}`, `must be a text of 1 to 512 bytes, got ${kindOf(value)}`)
  return text
}

/** What kind of JSON value it is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value === undefined) return 'nothing'
  if (value === '') return 'an empty text'
  if (typeof value === 'string') return `a text of ${value.length} characters`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** An object without some members; undefined when nothing is left. Members that are undefined are left out as well. */
export function without(fields: Fields, used: ReadonlySet<string>): Fields | undefined {
  const rest = Object.entries(fields).filter(([key, value]) => !used.has(key) && value !== undefined)
  return rest.length === 0 ? undefined : Object.fromEntries(rest)
}

/** A segment of an action: letters, digits, `_` and `-`; anything else becomes `-`. */
export function segment(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '-')
}

/**
 * An id that sources write as a text or as a positive whole number; `0` stands for none.
 *
 * @example
 * ```ts
 * idOf(12345) // '12345'
 * ```
 */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined
  return value === '0' ? undefined : identifierOf(value)
}

/**
 * A name that people read as a type: `OAuth access token` -> `oauth-access-token`. Undefined when nothing is left of it.
 *
 * @example
 * ```ts
 * slug('URL Pattern') // 'url-pattern'
 * ```
 */
export function slug(text: string): string | undefined {
  const words = text.toLowerCase().match(/[a-z0-9]+/g)
  return words === null ? undefined : identifierOf(words.join('-'))
}

/**
 * The action of a source that names its own with dots: `github` and `org.add_member` make `github.org.add_member`.
 *
 * @param key the member that holds the name
 * @throws ImportReject when the member is no text, or the action would be too long
 */
export function dottedAction(root: string, record: Fields, key: string): string {
  const name = requiredIdentifier(record, key)
  const action = [root, ...name.split('.').map(part => segment(part) || '-')].join('.')
  if (!fits(action)) throw new ImportReject(`/${escapeSegment(key)}`, 'too long')
  return action
}

/** Collects targets: each once, those with a name completing those without, at most as many as an event may have. */
export class Targets {
  readonly #found = new Map<string, Target>()
  #left = 0

  add(
    type: string,
    id: unknown,
    more: { readonly name?: string | undefined; readonly role?: string | undefined } = {},
  ): void {
    const text = identifierOf(id)
    if (text === undefined || !fits(type)) return
    const key = `${type}/${text}`
    const known = this.#found.get(key)
    if (known === undefined && this.#found.size >= DEFAULT_LIMITS.targets) {
      this.#left += 1
      return
    }
    const name = known?.name ?? identifierOf(more.name)
    const role = known === undefined ? more.role : known.role
    this.#found.set(key, {
      type,
      id: text,
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
    })
  }

  /** In the order they were added. */
  get all(): readonly Target[] {
    return [...this.#found.values()]
  }

  /** Says that there were more targets than an event can name. */
  get notes(): readonly Note[] {
    if (this.#left === 0) return []
    return [{ path: '/targets', reason: `${this.#left} more targets of the source record are only in data` }]
  }
}
