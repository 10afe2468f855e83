import type { Query } from 'annals/query'
import type { Context } from '../context.ts'
import { caretLines } from '../failure/caret.ts'
import { Failure, UsageFailure } from '../failure/failure.ts'
import { failureFrom, isCoded } from '../failure/from-error.ts'
import { visible } from '../output/escape.ts'
import type { QueryFlags } from './query-flags.ts'
import { zoneOf } from './time-zone.ts'
import { hasZonelessTime } from './zoneless.ts'

/** What a command line asks for: one query, whatever flags it was spelt with. */
export interface Asked {
  /** Canonical text; empty means everything. */
  readonly text: string
  readonly timeZone: string
  readonly includeLog: boolean
}

/**
 * The query of the argument and the flags, joined: all of it must hold. Warns on stderr about what is probably not meant.
 *
 * @throws Failure exit 2, with a caret under the error of QUERY, or naming the flag
 */
export async function askedOf(context: Context, terms: readonly string[], flags: QueryFlags): Promise<Asked> {
  const { combineQueries, printQuery, queryWarnings } = await import('annals/query')
  const timeZone = zoneOf(flags.tz, context)
  const typed = await parsed(terms.join(' '), context, timeZone)
  const query = [
    await filtersOf(flags, context, timeZone),
    ...(await timesOf(flags, context, timeZone)),
  ].reduce(combineQueries, typed)
  const text = printQuery(query)
  for (const { message, suggestion } of queryWarnings(query)) {
    context.output.complain(
      visible(`warning: ${message}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`),
    )
  }
  if (hasZonelessTime(query))
    context.output.note(`note: times without a zone are read in ${timeZone}; --tz names another`)
  if (flags.showQuery) context.output.complain(visible(text))
  return { text, timeZone, includeLog: flags.includeLog === true }
}

/** The typed query, understood to the last value, so that every error is found here and shown at its place. */
export async function parsed(text: string, { now }: Pick<Context, 'now'>, timeZone: string): Promise<Query> {
  const { parseQuery, resolveQuery } = await import('annals/query')
  try {
    const query = parseQuery(text)
    resolveQuery(query, { now: now().getTime(), timeZone })
    return query
  } catch (error) {
    throw queryFailure(error, text)
  }
}

function queryFailure(error: unknown, text: string): unknown {
  if (!isCoded(error) || error.code !== 'ANNALS_QUERY') return error
  const { message, exit, code, hint } = failureFrom(error)
  const shown = error.position === undefined ? [] : caretLines(text, error.position)
  return new Failure(message, { exit, code, why: whyOf(error.position), hint, shown, cause: error })
}

function whyOf(position: readonly [number, number] | undefined): string {
  return position === undefined
    ? 'the query is not valid'
    : `the query is not valid at position ${position[0]}-${position[1]}`
}

async function filtersOf(flags: QueryFlags, { now }: Context, timeZone: string): Promise<Query> {
  const { filtersToQuery, resolveQuery } = await import('annals/query')
  const { actor, action, target, outcome, op, tag, corr, ip, failed, denied } = flags
  return checkedFlag('filter flags', () => {
    const query = filtersToQuery({ actor, action, target, outcome, op, tag, corr, ip, failed, denied })
    resolveQuery(query, { now: now().getTime(), timeZone })
    return query
  })
}

async function timesOf(flags: QueryFlags, { now }: Context, timeZone: string): Promise<Query[]> {
  const { filter, resolveQuery } = await import('annals/query')
  return (['after', 'before', 'during'] as const).flatMap(name => {
    const value = flags[name]
    if (value === undefined) return []
    return checkedFlag(`--${name}`, () => {
      const query = filter(name, ':', [value])
      resolveQuery(query, { now: now().getTime(), timeZone })
      return [query]
    })
  })
}

/** Runs what reads a flag; a refusal names the flag instead of a position in a text that nobody typed. */
function checkedFlag<T>(flag: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isCoded(error) || error.code !== 'ANNALS_QUERY') throw error
    throw new UsageFailure(`${flag}: ${error.message}`, { hint: error.hint ?? 'See "annals help query".' })
  }
}
