import type { Draft, DraftOutcome } from 'annals/model'
import type { Command } from 'commander'
import { UsageFailure } from '../failure/failure.ts'
import { referenceOf } from './reference.ts'

/** Flags that spell out one draft, for shell scripts. */
export interface DraftFlags {
  readonly action?: string
  readonly actor?: string
  readonly target?: readonly string[]
  readonly tag?: readonly string[]
  readonly outcome?: string
  readonly data?: string
  readonly key?: string
  readonly at?: string
  readonly description?: string
}

/** Collects a flag that may be repeated. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** Declares the flags of one draft. */
export function addDraftFlags(command: Command): void {
  command
    .option('--action <action>', 'record one event with this action instead of reading input')
    .option('--actor <type/id>', 'who acted')
    .option('--target <type/id>', 'what was acted on; may be repeated', repeated)
    .option('--tag <key=value>', 'a tag; may be repeated', repeated)
    .option('--outcome <result>', 'success|failure|denied|unknown|pending')
    .option('--at <time>', 'when it happened, ISO 8601 with a zone')
    .option('--data <json>', 'details of the event type')
    .option('--description <text>', 'a sentence of your own')
    .option('--key <key>', 'idempotency key: the same key records once')
}

/**
 * The draft that the flags spell out, or undefined when there is no `--action`.
 *
 * @throws UsageFailure for a flag that cannot be read, or flags without `--action`
 */
export function draftFromFlags(flags: DraftFlags): Draft | undefined {
  const given = (['actor', 'target', 'tag', 'outcome', 'data', 'key', 'at', 'description'] as const).filter(
    name => flags[name] !== undefined,
  )
  if (flags.action === undefined) {
    if (given.length === 0) return undefined
    throw new UsageFailure(`--${given[0]} needs --action`, {
      hint: 'Name what was done, such as --action machine.delete.',
    })
  }
  return {
    action: flags.action,
    ...(flags.key === undefined ? {} : { id: flags.key }),
    ...(flags.at === undefined ? {} : { occurredAt: flags.at }),
    ...(flags.actor === undefined ? {} : { actor: referenceOf('--actor', flags.actor) }),
    ...(flags.target === undefined
      ? {}
      : { targets: flags.target.map(target => referenceOf('--target', target)) }),
    ...(flags.tag === undefined ? {} : { tags: Object.fromEntries(flags.tag.map(tagOf)) }),
    // The kernel knows the results and refuses others with the path.
    ...(flags.outcome === undefined ? {} : { outcome: flags.outcome as DraftOutcome }),
    ...(flags.description === undefined ? {} : { description: flags.description }),
    ...(flags.data === undefined ? {} : { data: jsonOf(flags.data) }),
  }
}

function tagOf(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  if (equals <= 0)
    throw new UsageFailure(`--tag: "${text}" is not key=value`, { hint: 'Write it as --tag env=prod.' })
  return [text.slice(0, equals), text.slice(equals + 1)]
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : undefined
    throw new UsageFailure('--data: not JSON', {
      why,
      hint: 'Quote it for the shell: --data \'{"size":3}\'.',
    })
  }
}
