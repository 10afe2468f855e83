import { UsageFailure } from '../failure/failure.ts'

const NAME = /^[a-z]{1,16}$/

/**
 * The parts that `--disclose` names: `all`, `none`, or names separated by commas.
 *
 * @throws UsageFailure for what can be no name
 */
export function discloseOf(text: string): 'all' | readonly string[] {
  if (text === 'all') return 'all'
  if (text === 'none') return []
  const names = text.split(',').map(name => name.trim())
  const wrong = names.find(name => !NAME.test(name))
  if (wrong === undefined) return names
  throw new UsageFailure(`--disclose: "${wrong}" is no part`, {
    why: 'a part has a name of at most 16 lower-case letters',
    hint: 'Give all, none, or names such as who,what.',
  })
}
