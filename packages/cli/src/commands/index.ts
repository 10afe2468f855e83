import type { CommandEntry } from './command-entry.ts'

const WRITE = 'Record:'
const READ = 'Read:'
const PROVE = 'Prove:'
const MORE = 'More:'

/** Every command: adding one is one file here and one line below. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    group: WRITE,
    summary: 'make a directory for a log',
    load: async () => (await import('./init.ts')).configure,
  },
  {
    name: 'emit',
    group: WRITE,
    summary: 'record events from ndjson or flags',
    load: async () => (await import('./emit.ts')).configure,
  },
  {
    name: 'import',
    group: WRITE,
    summary: 'record what another system logged',
    load: async () => (await import('./import.ts')).configure,
  },
  {
    name: 'list',
    alias: 'ls',
    group: READ,
    summary: 'list events, newest first',
    load: async () => (await import('./list.ts')).configure,
  },
  {
    name: 'get',
    group: READ,
    summary: 'show events in full',
    load: async () => (await import('./get.ts')).configure,
  },
  {
    name: 'tail',
    group: READ,
    summary: 'watch events as they are recorded',
    load: async () => (await import('./tail.ts')).configure,
  },
  {
    name: 'stats',
    group: READ,
    summary: 'count events',
    load: async () => (await import('./stats.ts')).configure,
  },
  {
    name: 'query',
    group: READ,
    summary: 'explain a query',
    load: async () => (await import('./query.ts')).configure,
  },
  {
    name: 'catalog',
    group: READ,
    summary: 'list the event types',
    load: async () => (await import('./catalog.ts')).configure,
  },
  {
    name: 'verify',
    group: PROVE,
    summary: 'check the log for tampering',
    load: async () => (await import('./verify.ts')).configure,
  },
  {
    name: 'proof',
    group: PROVE,
    summary: 'print the proof of one event',
    load: async () => (await import('./proof.ts')).configure,
  },
  {
    name: 'checkpoint',
    group: PROVE,
    summary: 'print the latest signed checkpoint',
    load: async () => (await import('./checkpoint.ts')).configure,
  },
  {
    name: 'export-tiles',
    group: PROVE,
    summary: 'write the log as static tiles',
    load: async () => (await import('./export-tiles.ts')).configure,
  },
  {
    name: 'bench',
    group: MORE,
    summary: 'measure this machine',
    load: async () => (await import('./bench.ts')).configure,
  },
  {
    name: 'help',
    group: MORE,
    summary: 'help on a command, or on: query, output, exit-codes, environment',
    load: async () => (await import('./help.ts')).configureFor(COMMANDS),
  },
]
