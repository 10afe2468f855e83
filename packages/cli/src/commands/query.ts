import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { parsed } from '../flags/asked.ts'
import { zoneOf } from '../flags/time-zone.ts'
import type { Host } from '../host.ts'
import { visible } from '../output/escape.ts'
import { fieldLines, termText, treeLines, windowText } from '../output/query-text.ts'
import { jsonLine } from '../output/write-json.ts'
import { asGroup } from './group.ts'

interface ExplainFlags {
  readonly tz?: string
}

/** `annals query explain`: how a query is read, and what the index does for it. */
export function configure(command: Command, host: Host): void {
  const explaining = asGroup(command)
    .command('explain')
    .description(
      'Show how a query is read: canonical form, tree, fields, warnings, and what the index does. Needs no log.',
    )
    .argument('<query...>', 'the query')
    .option('--tz <zone>', 'zone of times that name none (env ANNALS_TZ, default local)')
  explaining.action(async (terms: string[], flags: ExplainFlags) =>
    host.run(explaining, async context => explain(context, terms.join(' '), flags)),
  )
}

async function explain(context: Context, text: string, flags: ExplainFlags): Promise<ExitCode> {
  const { output, globals, now } = context
  const { candidateTerms, headerOnly, printQuery, queryWarnings, resolvedBounds, resolveQuery, selectsLog } =
    await import('annals/query')
  const timeZone = zoneOf(flags.tz, context)
  const query = await parsed(text, context, timeZone)
  const resolved = resolveQuery(query, { now: now().getTime(), timeZone })
  const canonical = printQuery(query)
  const warnings = queryWarnings(query)
  // An index without knowledge of sentences; with a catalog, words also find actions by their sentence.
  const terms = candidateTerms(resolved, { wordActions: () => [] })
  const bounds = resolvedBounds(resolved)
  if (globals.format === 'json') {
    const facts = {
      canonical,
      tree: query,
      warnings,
      terms,
      headerOnly: headerOnly(resolved),
      selectsLog: selectsLog(resolved),
    }
    await output.data(`${jsonLine(facts)}\n`)
  } else {
    const lines = [
      'canonical',
      `  ${canonical === '' ? '(everything)' : canonical}`,
      'tree',
      ...treeLines(query),
    ]
    lines.push('fields', ...fieldLines(query))
    lines.push('index', `  candidates: ${termText(terms)}`)
    lines.push(`  within: ${windowText(bounds, timeZone)}`)
    lines.push(
      `  then: ${headerOnly(resolved) ? 'decided by entry headers alone' : 'each candidate is read and checked'}`,
    )
    if (selectsLog(resolved)) lines.push("  also searches the log's own events")
    for (const { message, suggestion } of warnings) {
      lines.push(`warning: ${message}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`)
    }
    await output.data(`${lines.map(visible).join('\n')}\n`)
  }
  await output.flush()
  return endOf(context)
}
