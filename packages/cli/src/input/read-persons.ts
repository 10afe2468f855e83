import { createInterface } from 'node:readline'
import type { Context } from '../context.ts'
import { UsageFailure } from '../failure/failure.ts'
import { type Reference, referenceOf } from '../flags/reference.ts'

/**
 * The persons that `--person` names. `-` reads them from standard input, one `type/id` a line, so that nobody is named in the
 * list of processes or the history of a shell.
 *
 * @throws UsageFailure
 */
export async function readPersons(
  { stdin, output }: Pick<Context, 'stdin' | 'output'>,
  given: readonly string[],
): Promise<readonly Reference[]> {
  const persons: Reference[] = []
  for (const text of given) {
    if (text !== '-') {
      persons.push(referenceOf('--person', text))
      continue
    }
    if (stdin.isTTY === true)
      output.note('Reading persons from the terminal, one type/id a line; end with Ctrl-D.')
    for await (const line of createInterface({ input: stdin })) {
      if (line.trim() !== '') persons.push(referenceOf('--person', line.trim()))
    }
  }
  if (persons.length === 0)
    throw new UsageFailure('--person: nobody is named', {
      hint: 'Write one type/id a line, such as user/alice.',
    })
  return persons
}
