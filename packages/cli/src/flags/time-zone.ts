import type { Context } from '../context.ts'
import { UsageFailure } from '../failure/failure.ts'
import { isZone, localZone } from '../output/time.ts'

/**
 * Zone of times: `--tz`, then ANNALS_TZ, then that of the machine.
 *
 * @throws UsageFailure for a name that is no zone
 */
export function zoneOf(flag: string | undefined, { env }: Pick<Context, 'env'>): string {
  const named = flag ?? (env['ANNALS_TZ'] || undefined)
  if (named === undefined) return localZone()
  if (isZone(named)) return named
  const place = flag === undefined ? 'ANNALS_TZ' : '--tz'
  throw new UsageFailure(`${place}: unknown time zone "${named}"`, {
    hint: 'Write an IANA name such as Europe/Berlin, or UTC.',
  })
}
