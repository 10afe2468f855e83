/** Whether a path of segments fits a pattern. */
export type SegmentTest = (path: string) => boolean

/** A parameter of a route template: `{id}`, `:id`, `<id>`. */
const PARAMETER = /^(?:\*$|[{:<])/
const ANY_NUMBER = '**'

/**
 * Compiles a pattern over whole segments. `*`, and in routes a parameter such as `{id}` or `:id`, is any one segment; `**` is
 * any number of them, also none. Everything else is compared exactly: `find` fits neither `findings` nor `pathfind`.
 *
 * @param separator `/` of routes, `.` of actions and services
 * @example
 * ```ts
 * const test = compileSegments('/v1/machine/{id}/free', '/')
 * test('/v1/machine/:id/free/') // true
 * ```
 */
export function compileSegments(pattern: string, separator: '/' | '.'): SegmentTest {
  const wanted = segmentsOf(pattern, separator).map(segment =>
    segment !== ANY_NUMBER && isOne(segment, separator) ? undefined : segment,
  )
  if (!wanted.includes(undefined) && !wanted.includes(ANY_NUMBER)) {
    const whole = wanted.join(separator)
    return path => path === pattern || segmentsOf(path, separator).join(separator) === whole
  }
  return path => fits(segmentsOf(path, separator), wanted)
}

/** The segments of a path. Of a route neither the query, nor slashes at its ends count. */
export function segmentsOf(path: string, separator: '/' | '.'): readonly string[] {
  if (separator === '.') return path.split('.')
  const end = path.search(/[?#]/)
  const segments = (end < 0 ? path : path.slice(0, end)).split('/')
  if (segments[0] === '') segments.shift()
  while (segments.at(-1) === '') segments.pop()
  return segments
}

function isOne(segment: string, separator: '/' | '.'): boolean {
  return separator === '/' ? PARAMETER.test(segment) : segment === '*'
}

/** Glob over segments: on a mismatch the last `**` takes one segment more. */
function fits(given: readonly string[], wanted: readonly (string | undefined)[]): boolean {
  let at = 0
  let next = 0
  let star = -1
  let retry = 0
  while (at < given.length) {
    const segment = wanted[next]
    if (next < wanted.length && segment === ANY_NUMBER) {
      star = next++
      retry = at
    } else if (next < wanted.length && (segment === undefined || segment === given[at])) {
      at++
      next++
    } else if (star >= 0) {
      next = star + 1
      at = ++retry
    } else {
      return false
    }
  }
  while (wanted[next] === ANY_NUMBER) next++
  return next === wanted.length
}
