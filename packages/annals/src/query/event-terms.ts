import { type AuditEvent, lineage } from '../model/index.ts'
import { parseAddress } from './address.ts'
import type { FieldKey } from './field.ts'
import { FIELDS } from './fields.ts'
import { HAS_FLAGS, IS_FLAGS } from './flags.ts'
import { remember } from './remember.ts'
import { searchedTexts } from './searched.ts'
import { encodeTerm, termText } from './term.ts'
import { addTerm, beginGroup, type TermList } from './term-list.ts'
import { timeTerms } from './time-terms.ts'
import { words } from './words.ts'

/** The term that every event has. */
export const EVERY_TERM = '*'

const NO_KEY: FieldKey = { name: '', fold: true }

const plainFields = FIELDS.flatMap(field => {
  if (!('strings' in field) || !field.index || field.index.shared || field.keyed) return []
  if (field.kind === 'address') return []
  const { prefix, orId, usual } = field.index
  return [{ strings: field.indexed ?? field.strings, head: `${prefix}:`, orId, usual }]
})
const flags = [
  ...IS_FLAGS.map(flag => ({ ...flag, term: `y:is-${flag.name}` })),
  ...HAS_FLAGS.map(flag => ({ ...flag, term: `y:has-${flag.name}` })),
].filter(flag => flag.indexed && !flag.sameAs)

const actionTerms = remember<readonly string[]>(4096, action => {
  const above = lineage(action)
    .slice(0, -1)
    .map(path => `a:${termText(path)}`)
  // Long paths are cut, and may then be alike.
  return [`x:${termText(action)}`, ...new Set(above)]
})
const tagKey = remember(4096, key => `k:${tagPrefix(key).text}=`)
const addressTerm = remember(4096, ip => {
  const hex = parseAddress(ip)
  return hex === undefined ? `ir:${termText(ip)}` : `i:${hex}`
})

/** The key of a tag as it begins a term; `=` ends it. */
export function tagPrefix(key: string): { readonly text: string; readonly exact: boolean } {
  const { text, exact } = encodeTerm(key)
  return { text: text.replaceAll('=', '%3d'), exact }
}

/**
 * The terms of an event for an inverted index, each once: `PREFIX:value`, lower-case printable ASCII without space
 * and quotes, and `*`. Values beyond 64 bytes are cut. The prefixes: `u` actor, `ut` its type, `g` target, `gt` its
 * type, `x` action, `a` the paths above it, `o` topics and the paths above them, `r` outcome, `f` phase
 * unless single, `v` visibility unless owner, `n` retention unless standard, `t` tenant, `p` project, `s` source, `m` component, `k` tag as `key=value`,
 * `c` correlation, `q` request, `j` id, `b` operation unless it is the id, `i` address in hexadecimal, `ir` address
 * that is none, `z` error code, `l` changed place, `y` flag, `w` word, `h` and `d` UTC hour and day of occurredAt.
 *
 * Law: `match(event)` implies `satisfies(candidateTerms(query), eventTerms(event))`.
 *
 * @example
 * ```ts
 * eventTerms(event) // ['*', 'x:machine.delete', 'a:machine', 'u:alice', 'w:delete', …]
 * ```
 */
export function eventTerms(event: AuditEvent): string[] {
  const terms = [EVERY_TERM, ...actionTerms(event.action)]
  const list: TermList = { terms, start: 0, seen: undefined }
  for (const { strings, head, orId, usual } of plainFields) {
    beginGroup(list)
    for (const value of strings(event, NO_KEY)) {
      if (value !== usual && (!orId || value !== event.id)) addTerm(list, head + termText(value))
    }
  }
  if (event.topics) addTopics(list, event.topics)
  if (event.origin.ip !== undefined) terms.push(addressTerm(event.origin.ip))
  if (event.tags) addTags(list, event.tags)
  for (const { test, term } of flags) if (test(event)) terms.push(term)
  const times = timeTerms(event.occurredAt)
  if (times) terms.push(...times)
  beginGroup(list)
  for (const text of searchedTexts(event)) addWords(list, text)
  return terms
}

function addTopics(list: TermList, topics: readonly string[]): void {
  beginGroup(list)
  for (const topic of topics) for (const path of lineage(topic)) addTerm(list, `o:${termText(path)}`)
}

function addTags(list: TermList, tags: Readonly<Record<string, string>>): void {
  beginGroup(list)
  for (const key of Object.keys(tags)) addTerm(list, tagKey(key) + termText(tags[key] ?? ''))
}

function addWords(list: TermList, text: string): void {
  for (const word of words(text)) addTerm(list, `w:${termText(word)}`)
}
