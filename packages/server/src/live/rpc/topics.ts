import type { LocalReader } from 'annals'
import { AnnalsError, isLogAction, isPath, isWithin } from 'annals/model'
import { and, filter, not, or, parseQuery, printQuery, type Query } from 'annals/query'

/** A topic: `a.b` or `['a', 'b']`. `[]` holds everything. */
export type TopicPath = string | readonly string[]

const SEGMENT = /^[A-Za-z0-9_-]+$/

/**
 * The query of events of these topics that also meet a query. It is one query, so it is one reader: in order, without
 * duplicates, and no topic waits for another.
 *
 * @throws AnnalsError ANNALS_INVALID for a path that is none, or a topic that a closed catalog does not know
 */
export async function queryOfTopics(
  query: string,
  paths: readonly TopicPath[],
  reader: LocalReader,
  includeLog: boolean,
): Promise<string> {
  const topics = paths.map(dotted)
  for (const [nth, topic] of topics.entries()) {
    if (topic !== '' && !(await isKnown(topic, reader))) {
      throw new AnnalsError('ANNALS_INVALID', 'There is no such topic.', {
        path: `/paths/${nth}`,
        hint: 'GET /v1/catalog lists the actions.',
      })
    }
  }
  return printQuery(and([parseQuery(query), ofTopics(topics, includeLog)]))
}

function ofTopics(topics: readonly string[], includeLog: boolean): Query {
  if (!topics.includes('')) return anyOf(topics)
  const log = topics.filter(topic => topic !== '' && isLogAction(topic))
  if (includeLog || log.length === 0) return parseQuery('')
  // Everything leaves out the log's own events, unless a topic asks for some of them.
  return or([not(filter('action', ':', ['log.*'])), anyOf(log)])
}

/** Without duplicates, and without what lies below another: a query takes a bounded number of terms. */
function anyOf(topics: readonly string[]): Query {
  const unique = [...new Set(topics)]
  const tops = unique.filter(topic => !unique.some(other => other !== topic && isWithin(topic, other)))
  return filter(
    'topic',
    ':',
    tops.map(text => ({ kind: 'text', text })),
  )
}

function dotted(path: TopicPath, nth: number): string {
  if (typeof path === 'string') {
    if (isPath(path)) return path
  } else if (path.every(segment => SEGMENT.test(segment))) return path.join('.')
  throw new AnnalsError('ANNALS_INVALID', 'A topic is made of segments of A-Z, a-z, 0-9, _ and -.', {
    path: `/paths/${nth}`,
    hint: 'Write "machine.nic" or ["machine", "nic"]; [] is everything.',
  })
}

/** A topic is known when the catalog has it, or some event: an event may have topics beside those of its type. */
async function isKnown(topic: string, reader: LocalReader): Promise<boolean> {
  if (reader.declaresTopic(topic)) return true
  const { events } = await reader.find(printQuery(anyOf([topic])), { limit: 1 })
  return events.length > 0
}
