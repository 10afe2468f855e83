import type { Command } from 'commander'
import { repeated } from './draft-flags.ts'

/** Flags that are sugar for the query language, as commander hands them over. */
export interface QueryFlags {
  readonly actor?: readonly string[]
  readonly action?: readonly string[]
  readonly target?: readonly string[]
  readonly outcome?: readonly string[]
  readonly op?: readonly string[]
  readonly tag?: readonly string[]
  readonly corr?: readonly string[]
  readonly ip?: readonly string[]
  readonly failed?: true
  readonly denied?: true
  readonly after?: string
  readonly before?: string
  readonly during?: string
  readonly allTime?: true
  readonly tz?: string
  readonly showQuery?: true
  readonly includeLog?: true
}

/** Declares the argument QUERY and the filter flags on a command. */
export function addQueryFlags(command: Command): void {
  command
    .argument('[query...]', 'what to look for; see "annals help query"')
    .optionsGroup(
      'Filters (repeat or comma: any of them; different flags: all of them; a leading ! negates):',
    )
    .option('--actor <who>', 'id, name or type/id', repeated)
    .option('--action <action>', 'such as machine.delete or machine.*', repeated)
    .option('--target <what>', 'id, name or type/id', repeated)
    .option('--outcome <result>', 'success|failure|denied|unknown|pending', repeated)
    .option('--op <id>', 'operation that joins attempt and outcome', repeated)
    .option('--tag <key=value>', 'a tag', repeated)
    .option('--corr <id>', 'correlation id', repeated)
    .option('--ip <address>', 'address or network', repeated)
    .option('--failed', 'outcome failure or denied')
    .option('--denied', 'same as --outcome denied')
    .option('--after <time>', '24h, 2026-03-01, now-1h, yesterday, RFC 3339; half-open')
    .option('--before <time>', 'the same forms')
    .option('--during <time>', 'a year, month, day, duration or lo..hi')
    .option('--tz <zone>', 'zone of times that name none, and of times shown (env ANNALS_TZ, default local)')
    .option('--all-time', 'accepted: there is no default window')
    .option('--include-log', "also the log's own events")
    .option('--show-query', 'print the resulting query on stderr')
}
