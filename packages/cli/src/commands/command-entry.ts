import type { Command } from 'commander'
import type { Host } from '../host.ts'

/** Declares arguments and flags of a command, and what it does. */
export type Configure = (command: Command, host: Host) => void

/** One command of the table; `load` is called only when it runs or its help is shown. */
export interface CommandEntry {
  readonly name: string
  readonly alias?: string
  readonly group: string
  /** One line in the list of commands. */
  readonly summary: string
  readonly load: () => Promise<Configure>
}
