import type { ExitCode } from './exit-codes.ts'

/** A name that was given, and the names there are. */
export interface Choice {
  readonly given: string
  readonly known: readonly string[]
}

/** What a {@link Failure} tells. */
export interface FailureDetails {
  readonly exit: ExitCode
  /** Stable code for machines. */
  readonly code: string
  /** Why it happened, one line. */
  readonly why?: string | undefined
  /** What to do about it, one line. */
  readonly hint?: string | undefined
  /** A name that is not known, and those that are: the nearest is suggested. */
  readonly choice?: Choice | undefined
  /** Lines shown below the message, such as a query with a caret under the error. */
  readonly shown?: readonly string[] | undefined
  /** Names the request in the log of the server that refused it. */
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

/** A failure as the person at the terminal meets it; its message says what failed, in one line. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
  readonly exit: ExitCode
  readonly code: string
  readonly why: string | undefined
  readonly hint: string | undefined
  readonly shown: readonly string[]
  readonly choice: Choice | undefined
  readonly requestId: string | undefined

  constructor(message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.exit = details.exit
    this.code = details.code
    this.why = details.why
    this.hint = details.hint
    this.shown = details.shown ?? []
    this.choice = details.choice
    this.requestId = details.requestId
  }
}

/** A mistake in the command line itself: exit 2. */
export class UsageFailure extends Failure {
  override readonly name = 'UsageFailure'

  constructor(message: string, details: Pick<FailureDetails, 'why' | 'hint' | 'choice' | 'shown'>) {
    super(message, { exit: 2, code: 'USAGE', ...details })
  }
}
