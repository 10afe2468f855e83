import type { PolicyInForce, RetentionRun } from 'annals/lifecycle'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { confirmed } from '../directory/confirm.ts'
import { withDirectory } from '../directory/open-reader.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { zoneOf } from '../flags/time-zone.ts'
import type { Host } from '../host.ts'
import { openInput } from '../input/open-input.ts'
import { nothingDue, sumOf, writePlan, writePolicy, writeRemovals } from '../output/retention-text.ts'
import { jsonLine } from '../output/write-json.ts'
import { complainOf } from './chunk.ts'
import { asGroup } from './group.ts'

interface PlanFlags {
  readonly at?: string
}

interface RunFlags {
  readonly yes?: true
}

const POLICY_HELP = `
FILE is JSON, "-" reads standard input; every member may be left out:
  {"classes": {"standard": "180d", "debug": {"last": 100}},
   "tenants": {"acme": {"standard": "forever"}},
   "floor": "30d"}
A rule is seconds, a time such as "180d" (units s m h d w), "forever", or the newest so many of each subject.
It replaces the policy of before as a whole.`

/** `annals retention`: how long events are kept, and removing what is due. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  const show = group.command('show').description('Show the rules in force and where they come from.')
  show.action(async () => host.run(show, showPolicy))
  const plan = group
    .command('plan')
    .description('Say what a run would remove, and what is due next. Changes nothing.')
    .option('--at <time>', 'as of this time, which may lie ahead, such as 2027-01-01 or now+30d')
  plan.action(async (flags: PlanFlags) => host.run(plan, async context => planRun(context, flags)))
  const run = group
    .command('run')
    .description('Remove what is due, exactly as the plan says. It cannot be brought back.')
    .option('--yes', 'do not ask; needed where there is no terminal')
  run.addHelpText(
    'after',
    '\nEnded chunks are sealed first. Every removal is stated in the log before it is done, and the rest still verifies.',
  )
  run.action(async (flags: RunFlags) => host.run(run, async context => runRetention(context, flags)))
  const set = group
    .command('set')
    .description('Lay down the rules, in an entry of the log.')
    .argument('<file>', 'the policy, as JSON')
  set.addHelpText('after', POLICY_HELP)
  set.action(async (file: string) => host.run(set, async context => setPolicy(context, file)))
}

async function showPolicy(context: Context): Promise<ExitCode> {
  const { policyInForce } = await import('annals/lifecycle')
  const policy = await withDirectory(context, reader =>
    policyInForce(action => reader.events(`action:${action}`, { order: 'desc', includeLog: true })),
  )
  await writePolicy(context, policy)
  return endOf(context)
}

async function planRun(context: Context, flags: PlanFlags): Promise<ExitCode> {
  const { retentionPlan } = await import('annals/lifecycle')
  const at = flags.at === undefined ? undefined : await instantOf(flags.at, context)
  const request = at === undefined ? {} : { at }
  const plan = await performAct(context, retentionPlan, request, { task: 'plan', unit: 'chunks' })
  await writePlan(context, plan)
  return endOf(context, complainOf(context, plan.failed))
}

async function runRetention(context: Context, flags: RunFlags): Promise<ExitCode> {
  const bounds = flags.yes === true ? {} : await askedFor(context)
  if (bounds === undefined) {
    context.output.note('nothing was removed')
    return endOf(context)
  }
  const { retentionRun } = await import('annals/lifecycle')
  const done = await performAct(context, retentionRun, bounds, { task: 'retention', unit: 'chunks' })
  await writeRun(context, done)
  return endOf(context, complainOf(context, done.failed))
}

/** Shows the plan and asks; what is then removed is that plan or nothing. Undefined when the answer is no. */
async function askedFor(context: Context): Promise<{ at?: string; plan?: string } | undefined> {
  const { output, stdin } = context
  const hint = 'Look at it with "annals retention plan", then say --yes.'
  if (stdin.isTTY !== true || !output.err.isTTY) {
    throw new UsageFailure('retention run: nobody to ask', {
      why: 'what is removed cannot be brought back, and standard input is no terminal',
      hint,
    })
  }
  const { retentionPlan } = await import('annals/lifecycle')
  const { removals, entries, held, at, plan } = await performAct(
    context,
    retentionPlan,
    {},
    { task: 'plan', unit: 'chunks' },
  )
  // Nothing to lose: sealing and finishing an interrupted run need no answer.
  if (entries === 0) return { at, plan }
  await writeRemovals(context, removals)
  await output.flush()
  return (await confirmed(context, `Remove ${sumOf(entries, held)}?`, hint)) ? { at, plan } : undefined
}

async function writeRun(context: Context, done: RetentionRun): Promise<void> {
  const { output, globals } = context
  if (globals.format === 'json') {
    await output.data(`${jsonLine(done)}\n`)
    return
  }
  await writeRemovals(context, done.removals)
  output.note(
    done.entries === 0 && done.held === 0 ? nothingDue(done.at) : `removed ${sumOf(done.entries, done.held)}`,
  )
}

async function setPolicy(context: Context, file: string): Promise<ExitCode> {
  const { retentionPolicy } = await import('annals/lifecycle')
  const given = await readJson(context, file)
  const { changed, policy } = await performAct(context, retentionPolicy, given as never, {
    task: 'retention',
    unit: 'chunks',
  })
  await writePolicy(context, policy as PolicyInForce)
  context.output.note(
    changed ? 'the policy is in force' : 'this policy was in force already; nothing was recorded',
  )
  return endOf(context)
}

async function readJson(context: Context, file: string): Promise<unknown> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await openInput(file, context)) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw new UsageFailure(`${file === '-' ? 'standard input' : file} is no JSON`, {
      why: cause instanceof Error ? cause.message : String(cause),
      hint: 'See "annals retention set --help" for the form.',
    })
  }
}

async function instantOf(text: string, context: Context): Promise<string> {
  const { parseInstant } = await import('annals/query')
  const zone = { now: context.now().getTime(), timeZone: zoneOf(undefined, context) }
  try {
    return new Date(parseInstant(text, zone)).toISOString()
  } catch (error) {
    throw new UsageFailure(`--at: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'Write a date, an RFC 3339 time, or now+30d.',
    })
  }
}
