import type { Command } from 'commander'
import type { Host } from '../host.ts'
import { asGroup } from './group.ts'
import { configureCheck } from './policy-check.ts'
import { configureSimulate } from './policy-simulate.ts'

/** `annals policy`: what is recorded, how, and what is masked. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  configureCheck(group.command('check'), host)
  configureSimulate(group.command('simulate'), host)
}
