import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { shellWord } from '../directory/shell-word.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import type { Host } from '../host.ts'
import { jsonLine } from '../output/write-json.ts'
import { asGroup } from './group.ts'

interface ServeFlags {
  readonly log?: readonly string[]
  readonly policy?: string
  readonly listen?: string
}

/** `annals witness`: cosigns the checkpoints of others, so that their operators cannot rewrite them unseen. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  const init = group
    .command('init')
    .description('Make a witness: a directory with its key and its memory. Prints its verifier key.')
    .argument('<witness>', 'directory to make; keep it away from the logs it watches')
    .requiredOption('--name <name>', 'name of the witness, such as witness.example.com/w1')
  init.action(async (dir: string, { name }: { readonly name: string }) =>
    host.run(init, async context => make(context, dir, name)),
  )
  const serve = group
    .command('serve')
    .description('Serve a witness over HTTP (C2SP tlog-witness): POST /add-checkpoint, GET /vkey.')
    .argument('<witness>', 'directory of the witness')
    .option('--log <vkey>', 'verifier key of a log to cosign for; may be repeated', append)
    .option('--policy <file>', 'take the logs from the "log" lines of a C2SP tlog-policy')
    .option('--listen <address>', 'HOST:PORT; port 0 for any', '127.0.0.1:7411')
  serve.addHelpText(
    'after',
    '\nA witness sees sizes and hashes, never events. One that loses its memory must not be used again: make another.',
  )
  serve.action(async (dir: string, flags: ServeFlags) =>
    host.run(serve, async context => run(context, dir, flags)),
  )
}

function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function make(context: Context, dir: string, name: string): Promise<ExitCode> {
  const { createWitnessDirectory, isKeyName, Witness } = await import('annals/witness')
  if (!isKeyName(name)) {
    throw new UsageFailure(`--name: ${JSON.stringify(name)} cannot name a key`, {
      hint: 'Use a host name with a path, such as witness.example.com/w1: no space, no "+".',
    })
  }
  const memory = await createWitnessDirectory(dir, name)
  const { vkey } = new Witness({ ...memory, memory, logs: new Map() })
  await context.output.data(`${vkey}\n`)
  context.output.note(`Made a witness in ${dir}. Serve it:
  annals witness serve ${shellWord(dir)} --log 'VKEY OF THE LOG'
In the policy of the log and of whoever verifies it:
  witness w1 ${vkey} http://127.0.0.1:7411`)
  return endOf(context)
}

async function run(context: Context, dir: string, flags: ServeFlags): Promise<ExitCode> {
  const { output, globals } = context
  const witness = await import('annals/witness')
  const text = flags.policy === undefined ? '' : await readFile(flags.policy, 'utf8')
  const logs = logsOf(witness, [...(flags.log ?? []), ...logLines(text)])
  const memory = await witness.openWitnessDirectory(dir)
  const served = await witness.serveWitness({
    ...addressOf(flags.listen ?? ''),
    witness: new witness.Witness({ ...memory, memory, logs }),
    onCall: status => {
      if (globals.verbose) output.note(`${context.now().toISOString()} ${status}`)
    },
    onError: error => output.complain(`error: ${error.message}`),
  })
  try {
    await output.data(
      globals.format === 'json' || globals.format === 'ndjson'
        ? `${jsonLine({ url: served.url, name: memory.name })}\n`
        : `${served.url}\n`,
    )
    await output.flush()
    output.note(`Cosigning for ${[...logs.keys()].join(', ')}; Ctrl-C ends.`)
    if (!context.signal.aborted) await once(context.signal, 'abort')
  } finally {
    await served.close()
  }
  return 0
}

function logLines(policy: string): string[] {
  return policy.split('\n').flatMap(line => {
    const [word, vkey] = line.trim().split(/\s+/)
    return word === 'log' && vkey !== undefined ? [vkey] : []
  })
}

function logsOf(
  { logVerifiers }: typeof import('annals/witness'),
  vkeys: readonly string[],
): ReturnType<typeof logVerifiers> {
  if (vkeys.length === 0) {
    throw new UsageFailure('for which logs?', {
      why: 'a witness cosigns only for logs whose key it was given',
      hint: 'Give the file "vkey" of a log with --log "$(cat vkey)", or --policy.',
    })
  }
  try {
    return logVerifiers(vkeys)
  } catch (error) {
    throw new UsageFailure('a verifier key cannot be read', {
      why: error instanceof Error ? error.message : String(error),
      hint: 'Write it as name+8 hex digits+base64, as the file "vkey" of the log has it.',
    })
  }
}

function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:]+)):(\d{1,5})$/i.exec(listen)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new UsageFailure(`--listen: ${JSON.stringify(listen)} is not HOST:PORT`, {
      hint: 'Write 127.0.0.1:7411, or [::1]:7411.',
    })
  return { host: match[1] ?? match[2] ?? '', port }
}
