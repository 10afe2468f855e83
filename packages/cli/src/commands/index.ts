import type { CommandEntry } from './command-entry.ts'

const WRITE = 'Record:'
const READ = 'Read:'
const PROVE = 'Prove:'
const KEEP = 'Keep and erase:'
const SERVE = 'Serve:'
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
    name: 'pause',
    group: WRITE,
    summary: 'stop or thin recording for a tenant or project',
    load: async () => (await import('./pause.ts')).configure,
  },
  {
    name: 'resume',
    group: WRITE,
    summary: 'end a pause',
    load: async () => (await import('./resume.ts')).configure,
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
    name: 'policy',
    group: READ,
    summary: 'check a policy, and try it on recorded events',
    load: async () => (await import('./policy.ts')).configure,
  },
  {
    name: 'hash',
    group: READ,
    summary: 'print what stands for a value that was masked by its hash',
    load: async () => (await import('./hash.ts')).configure,
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
    name: 'evidence',
    group: PROVE,
    summary: 'write events with everything that proves them',
    load: async () => (await import('./evidence.ts')).configure,
  },
  {
    name: 'checkpoint',
    group: PROVE,
    summary: 'print or compare signed checkpoints',
    load: async () => (await import('./checkpoint.ts')).configure,
  },
  {
    name: 'witness',
    group: PROVE,
    summary: 'cosign the checkpoints of other logs',
    load: async () => (await import('./witness.ts')).configure,
  },
  {
    name: 'key',
    group: PROVE,
    summary: 'list and change the keys of the log',
    load: async () => (await import('./key.ts')).configure,
  },
  {
    name: 'export-tiles',
    group: PROVE,
    summary: 'write the log as static tiles',
    load: async () => (await import('./export-tiles.ts')).configure,
  },
  {
    name: 'erase',
    group: KEEP,
    summary: 'erase persons, or redact events',
    load: async () => (await import('./erase.ts')).configure,
  },
  {
    name: 'hold',
    group: KEEP,
    summary: 'keep events from being erased or expiring',
    load: async () => (await import('./hold.ts')).configure,
  },
  {
    name: 'subject',
    group: KEEP,
    summary: 'export what is held about a person',
    load: async () => (await import('./subject.ts')).configure,
  },
  {
    name: 'retention',
    group: KEEP,
    summary: 'show, plan and remove what has been kept for long enough',
    load: async () => (await import('./retention.ts')).configure,
  },
  {
    name: 'chunk',
    group: KEEP,
    summary: 'list and seal the chunks of a log',
    load: async () => (await import('./chunk.ts')).configure,
  },
  {
    name: 'archive',
    group: KEEP,
    summary: 'copy chunks to write-once storage, verify and restore them',
    load: async () => (await import('./archive.ts')).configure,
  },
  {
    name: 'serve',
    group: SERVE,
    summary: 'serve a log over the network',
    load: async () => (await import('./serve.ts')).configure,
  },
  {
    name: 'dev',
    group: SERVE,
    summary: 'serve a log to try things on, gone when it ends',
    load: async () => (await import('./dev.ts')).configure,
  },
  {
    name: 'config',
    group: SERVE,
    summary: 'show the settings of the server',
    load: async () => (await import('./config.ts')).configure,
  },
  {
    name: 'login',
    group: SERVE,
    summary: 'sign in to a server',
    load: async () => (await import('./login.ts')).configure,
  },
  {
    name: 'logout',
    group: SERVE,
    summary: 'forget the token of a server',
    load: async () => (await import('./logout.ts')).configure,
  },
  {
    name: 'whoami',
    group: SERVE,
    summary: 'show who you are on the server, and what you may',
    load: async () => (await import('./whoami.ts')).configure,
  },
  {
    name: 'context',
    group: SERVE,
    summary: 'list and switch the servers you signed in to',
    load: async () => (await import('./context.ts')).configure,
  },
  {
    name: 'status',
    group: SERVE,
    summary: 'show how the server is',
    load: async () => (await import('./status.ts')).configure,
  },
  {
    name: 'token',
    group: SERVE,
    summary: 'make, list and revoke keys of the server',
    load: async () => (await import('./token.ts')).configure,
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
