import type { LocalTrail } from 'annals'
import type { Logger } from 'pino'
import type { Authenticate } from './access/authenticate.ts'
import type { ReadingRecord } from './access/reading-record.ts'
import type { Settings } from './settings/settings.ts'

/** What every route works with. */
export interface ServerContext {
  readonly trail: LocalTrail
  readonly settings: Settings
  readonly authenticate: Authenticate
  /** Records who read what of others. */
  readonly reading: ReadingRecord
  /** Never given event content. */
  readonly log: Logger
}
