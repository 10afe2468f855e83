import { open } from 'node:fs/promises'
import type { ExportedEvent, SubjectSummary } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf, isInterrupted } from '../context.ts'
import { inLog } from '../directory/no-log.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { Failure, UsageFailure } from '../failure/failure.ts'
import type { Host } from '../host.ts'
import { readPersons } from '../input/read-persons.ts'
import { pageEvent, pageHead, pageTail } from '../output/subject-page.ts'
import { subjectStatement } from '../output/subject-text.ts'
import { jsonLine } from '../output/write-json.ts'
import { directoryOf } from '../remote/place.ts'
import { asGroup } from './group.ts'

interface ExportFlags {
  readonly out?: string
  readonly html?: true
}

/** `annals subject`: what is held about a person. */
export function configure(command: Command, host: Host): void {
  const leaf = asGroup(command)
    .command('export')
    .description('Export every event about a person, as ndjson or as a page to read.')
    .argument('<type/id>', 'the person; "-" reads stdin, so that nobody is named in the list of processes')
    .option('--out <file>', 'write to a new file that only its owner may read, instead of stdout')
    .option('--html', 'one page that needs nothing else, instead of ndjson')
  leaf.addHelpText(
    'after',
    `
Each line is {"event","parts","sentence"}; parts says how the event is about the person. The last line is {"summary"}. It reads the
whole log, beside a process that writes it. It takes the keys of the log to find everything; without them the summary says so.`,
  )
  leaf.action(async (person: string, flags: ExportFlags) =>
    host.run(leaf, async context => exportAbout(context, person, flags)),
  )
}

type Write = (text: string) => Promise<void>

async function exportAbout(context: Context, given: string, flags: ExportFlags): Promise<ExitCode> {
  const [person, ...more] = await readPersons(context, [given])
  if (person === undefined || more.length > 0)
    throw new UsageFailure('one person at a time', { hint: 'Run it for each of them.' })
  const { exportSubject } = await import('annals')
  const format = flags.html === true ? page(`${person.type}/${person.id}`, context.now()) : lines()
  const dir = await directoryOf(context)
  const found = exportSubject({ dir, person })
  const write = async (out: Write): Promise<SubjectSummary | undefined> =>
    await inLog(dir, () => writeAll(context, found, format, out))
  const summary =
    flags.out === undefined ? await write(text => context.output.data(text)) : await toFile(flags.out, write)
  await context.output.flush()
  if (summary === undefined) return endOf(context)
  for (const line of subjectStatement(summary)) context.output.note(line)
  return endOf(context)
}

async function writeAll(
  context: Context,
  found: AsyncGenerator<ExportedEvent, SubjectSummary>,
  format: Format,
  write: Write,
): Promise<SubjectSummary | undefined> {
  const progress = context.output.progress('export', 'events')
  try {
    let count = 0
    let next = await found.next()
    await write(format.head)
    for (; next.done !== true; next = await found.next()) {
      await write(format.event(next.value))
      progress.update(++count)
      if (context.signal.aborted) break
    }
    if (next.done !== true) {
      if (isInterrupted(context))
        context.output.complain(`interrupted after ${count} events; the export is not whole`)
      return undefined
    }
    await write(format.tail(next.value))
    return next.value
  } finally {
    progress.end()
    await found.return(undefined as never)
  }
}

async function toFile<T>(path: string, work: (write: Write) => Promise<T>): Promise<T> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
    throw new Failure(`${path} is there already`, {
      exit: 1,
      code: 'EEXIST',
      why: 'an export never replaces a file',
      hint: 'Name another file, or remove that one.',
      cause: error,
    })
  })
  try {
    return await work(async text => {
      await file.write(text)
    })
  } finally {
    await file.close()
  }
}

interface Format {
  readonly head: string
  event(found: ExportedEvent): string
  tail(summary: SubjectSummary): string
}

function lines(): Format {
  return {
    head: '',
    event: found => `${jsonLine(found)}\n`,
    tail: summary => `${jsonLine({ summary })}\n`,
  }
}

function page(person: string, made: Date): Format {
  return { head: pageHead(person, made), event: pageEvent, tail: pageTail }
}
