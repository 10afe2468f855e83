import { catalogPage } from 'annals/formats/catalog-page'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { loadTypes } from '../input/load-types.ts'

interface DocsFlags {
  readonly title: string
}

/** `annals catalog docs`: a page about event types. */
export function configureDocs(group: Command, host: Host): void {
  const docs = group
    .command('docs')
    .description('Write a page of Markdown about the event types of a module, or of a log.')
    .argument('[module]', 'file or package that exports event types or a catalog; without one, the log')
  addServerFlags(docs)
  docs.option('--title <text>', 'heading of the page', 'Event types')
  docs.addHelpText(
    'after',
    '\nA log keeps no schemas: its page is without the fields of data. The module is run, so take one that you trust.',
  )
  docs.action(async (module: string | undefined, flags: DocsFlags) =>
    host.run(docs, async context => write(context, module, flags)),
  )
}

async function write(context: Context, module: string | undefined, { title }: DocsFlags): Promise<ExitCode> {
  const page =
    module === undefined
      ? { types: await withReader(context, reader => reader.catalog()) }
      : await loadTypes(module)
  await context.output.data(catalogPage({ title, ...page }))
  return endOf(context)
}
