import type { Actor } from 'annals/model'
import type { Command } from 'commander'
import { UsageFailure } from '../failure/failure.ts'
import { referenceOf } from './reference.ts'

/** Flags that pausing and its end share. */
export interface PauseScopeFlags {
  readonly tenant?: string
  readonly project?: string
  readonly reason?: string
  readonly actor?: string
}

/** What they say to an act. */
export interface AskedPause {
  readonly tenant?: string
  readonly project?: string
  readonly reason: string
  readonly actor?: Actor
}

/** Adds the flags. */
export function addPauseScope(command: Command): Command {
  return command
    .option('--tenant <id>', 'events of this tenant')
    .option('--project <id>', 'events of this project; with --tenant, of that tenant only')
    .option('--reason <text>', 'why; it stays in the log (required)')
    .option('--actor <type/id>', 'who asks for it (default: the log itself)')
}

/** @throws UsageFailure */
export function pauseScopeOf(command: string, flags: PauseScopeFlags): AskedPause {
  const { tenant, project, reason, actor } = flags
  if (tenant === undefined && project === undefined) {
    throw new UsageFailure(`${command}: of whom?`, {
      why: 'a whole log cannot be paused',
      hint: 'Name a tenant with --tenant, a project with --project, or both.',
    })
  }
  if (reason === undefined) {
    throw new UsageFailure('--reason is missing', {
      why: 'the log keeps why recording was paused and resumed',
      hint: 'Such as --reason "load test".',
    })
  }
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(project === undefined ? {} : { project }),
    reason,
    ...(actor === undefined ? {} : { actor: referenceOf('--actor', actor) }),
  }
}
