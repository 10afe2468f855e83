import { HttpError } from './problem.ts'

/** Ranges of a header `Accept` that are looked at. */
const MOST_RANGES = 50

/**
 * The media type that a client prefers (RFC 9110, section 12.5.1) of those that there are; the first when it does not say.
 *
 * @throws HttpError 406 when it takes none
 * @example
 * ```ts
 * acceptedOf('text/csv;q=0.5, application/x-ndjson', ['application/x-ndjson', 'text/csv']) // 'application/x-ndjson'
 * ```
 */
export function acceptedOf<T extends string>(header: string | undefined, types: readonly [T, ...T[]]): T {
  if (header === undefined || header.trim() === '') return types[0]
  const ranges = header.split(',').slice(0, MOST_RANGES).map(readRange)
  let best: { readonly type: T; readonly quality: number } | undefined
  for (const type of types) {
    const quality = qualityOf(type, ranges)
    if (quality > (best?.quality ?? 0)) best = { type, quality }
  }
  if (best !== undefined) return best.type
  throw new HttpError(406, 'ANNALS_INVALID', 'There is no answer of a type that you accept.', {
    path: 'Accept',
    hint: `Accept ${types.join(' or ')}.`,
  })
}

interface AcceptedRange {
  readonly type: string
  readonly quality: number
}

function readRange(text: string): AcceptedRange {
  const [type = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase())
  const q = parameters.find(parameter => parameter.startsWith('q='))
  const quality = q === undefined ? 1 : Number(q.slice(2))
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

/** Of the most specific range that a type is in; 0 when it is in none. */
function qualityOf(type: string, ranges: readonly AcceptedRange[]): number {
  const within = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']
  for (const range of within) {
    const found = ranges.find(one => one.type === range)
    if (found !== undefined) return found.quality
  }
  return 0
}
