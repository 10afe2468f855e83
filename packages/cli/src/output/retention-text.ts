import {
  type PlannedRemoval,
  type PolicyInForce,
  type RetentionPlan,
  type RetentionRule,
  ruleText,
} from 'annals/lifecycle'
import type { Context } from '../context.ts'
import { dateText } from './date-text.ts'
import { visible } from './escape.ts'
import { createRecordWriter, type RecordColumn } from './record-writer.ts'
import { jsonLine } from './write-json.ts'

const POLICY: readonly RecordColumn[] = [
  { name: 'class' },
  { name: 'tenant' },
  { name: 'kept' },
  { name: 'from' },
]

const REMOVALS: readonly RecordColumn[] = [
  { name: 'due' },
  { name: 'period' },
  { name: 'class' },
  { name: 'tenant' },
  { name: 'entries', align: 'right' },
  { name: 'held', align: 'right' },
  { name: 'kept' },
]

/** Writes the rules in force: one row for each class, and for each rule of a tenant. */
export async function writePolicy(context: Context, policy: PolicyInForce): Promise<void> {
  const { output, globals } = context
  if (globals.format === 'json') {
    await output.data(`${jsonLine(policy)}\n`)
    return
  }
  const writer = createRecordWriter({ output, globals, columns: POLICY })
  for (const [name, { rule, from }] of Object.entries(policy.classes))
    await writer.write({ class: name, kept: ruleText(rule), from })
  for (const [tenant, rules] of Object.entries(policy.tenants))
    for (const [name, rule] of Object.entries(rules))
      await writer.write({ class: name, tenant, kept: ruleText(rule), from: 'log.policy' })
  await writer.end()
  const { setBy, floor } = policy
  if (floor > 0) output.note(`no tenant's rule may go below ${ruleText(floor)}`)
  if (setBy !== undefined)
    output.note(`laid down at position ${setBy.index} on ${dateText(setBy.at, context)}`)
}

/** Writes a plan: what is due on stdout, and what is due next as a note. */
export async function writePlan(context: Context, plan: RetentionPlan): Promise<void> {
  const { output, globals } = context
  if (globals.format === 'json') {
    await output.data(`${jsonLine(plan)}\n`)
    return
  }
  await writeRemovals(context, plan.removals)
  const { entries, held } = plan
  output.note(
    entries === 0 && held === 0 ? nothingDue(plan.at) : `a run would remove ${sumOf(entries, held)}`,
  )
  for (const { due, class: name, tenant, period, entries: count } of plan.next) {
    const whose = tenant === undefined ? '' : ` of tenant ${tenant}`
    output.note(
      visible(`next: ${grouped(count)} ${name}${whose} of ${period}, due ${dateText(due, context)}`),
    )
  }
}

/** Writes what goes, or has gone: one row for each chunk and rule. */
export async function writeRemovals(context: Context, removals: readonly PlannedRemoval[]): Promise<void> {
  const { output, globals } = context
  const structured = globals.format === 'json' || globals.format === 'ndjson'
  const writer = createRecordWriter({
    output,
    globals,
    columns: structured ? [{ name: 'chunk' }, ...REMOVALS, { name: 'seconds' }, { name: 'last' }] : REMOVALS,
  })
  for (const removal of removals) {
    const kept = ruleText(ruleOf(removal))
    await writer.write(
      structured ? { ...removal, kept } : { ...removal, kept, due: dueText(removal, context) },
    )
  }
  await writer.end()
}

/** `3 entries; 1 that is due is held`. */
export function sumOf(entries: number, held: number): string {
  const what = `${grouped(entries)} ${entries === 1 ? 'entry' : 'entries'}`
  return held === 0 ? what : `${what}; a hold keeps ${grouped(held)} more`
}

/** What is said when nothing has been kept for long enough. */
export function nothingDue(at: string): string {
  return `nothing is due as of ${at}`
}

function dueText({ due }: PlannedRemoval, context: Context): string | undefined {
  return due === undefined ? undefined : dateText(due, context)
}

function ruleOf({ seconds, last }: PlannedRemoval): RetentionRule {
  return seconds ?? { last: last as number }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
