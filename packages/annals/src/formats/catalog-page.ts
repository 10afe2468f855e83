import {
  type CatalogEntry,
  dataSchema,
  type RetentionClasses,
  type StandardSchemaV1,
} from '../catalog/index.ts'
import { code, plain } from './catalog-page/markdown.ts'
import { fieldWords } from './catalog-page/schema-words.ts'

/** An event type as a page tells of it: an `EventType`, or its entry in the manifest of a log, which has no schema. */
export interface PageType extends CatalogEntry {
  readonly data?: StandardSchemaV1 | undefined
}

/** What {@link catalogPage} is made of. */
export interface CatalogPageOptions {
  /** Heading of the page. */
  readonly title: string
  readonly types: readonly PageType[]
  /** How long the classes last; for those it has, the page says it. @defaultValue none */
  readonly retention?: RetentionClasses | undefined
  /** A comment that readers of the page do not see, such as where it comes from. @defaultValue none */
  readonly comment?: string | undefined
}

interface Column {
  readonly name: string
  readonly cell: (type: PageType) => string
}

/**
 * A reference of event types in Markdown: a table for each first segment of the actions, sorted by action. The same types give the
 * same page, so a test can compare a page that is kept with what it should be.
 *
 * @example
 * ```ts
 * const { types, retention } = catalog(warehouse)
 * await writeFile('events.md', catalogPage({ title: 'Events of Warehouse', types, retention }))
 * ```
 */
export function catalogPage({ title, types, retention, comment }: CatalogPageOptions): string {
  const sorted = [...types].sort((a, b) => (a.action < b.action ? -1 : 1))
  const groups = Map.groupBy(sorted, ({ action }) => action.split('.', 1)[0] ?? '')
  const sections = [...groups].map(([name, group]) => `## ${name}\n\n${table(group)}`)
  return [
    `# ${plain(title)}`,
    ...(comment === undefined ? [] : [`<!-- ${comment.replaceAll('--', '- -')} -->`]),
    `${types.length} event ${types.length === 1 ? 'type' : 'types'}. ${LEGEND}`,
    ...(retention === undefined ? [] : [periods(sorted, retention)]),
    ...sections,
  ]
    .join('\n\n')
    .concat('\n')
}

const LEGEND =
  'A field with `?` may be absent. Seen by: the least privileged reader. Kept: the retention class.'

function periods(types: readonly PageType[], retention: RetentionClasses): string {
  const used = [...new Set(types.map(classOf))].filter(name => Object.hasOwn(retention, name)).sort()
  const words = used.map(name => {
    const days = retention[name]
    return `${code(name)} ${lasting(days ?? 0)}`
  })
  return `Classes: ${words.join(', ')}.`
}

function lasting(days: number | 'forever'): string {
  if (days === 'forever') return 'for ever'
  return `${days} ${days === 1 ? 'day' : 'days'}`
}

function table(types: readonly PageType[]): string {
  const columns = COLUMNS.filter(
    ({ name, cell }) => !OPTIONAL.includes(name) || types.some(type => cell(type) !== ''),
  )
  const rows = types.map(type => columns.map(({ cell }) => cell(type)))
  return [columns.map(({ name }) => name), columns.map(() => '---'), ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const COLUMNS: readonly Column[] = [
  { name: 'action', cell: ({ action }) => code(action) },
  { name: 'sentence', cell: ({ describe }) => plain(describe ?? '{actor} · action · {targets}') },
  { name: 'data', cell: dataWords },
  { name: 'seen by', cell: ({ visibility }) => visibility ?? 'owner' },
  { name: 'kept', cell: type => classOf(type) },
  { name: 'notes', cell: noteWords },
]
/** Left out where no type has anything to say in them. */
const OPTIONAL: readonly string[] = ['data', 'notes']

function classOf({ retention = 'standard' }: PageType): string {
  return retention
}

function dataWords(type: PageType): string {
  if (type.data === undefined) return ''
  const schema = dataSchema(type)
  return schema === undefined ? 'checked by code' : fieldWords(schema).join(', ')
}

function noteWords({ version, topics = [], persons = [], parts = {}, retired }: PageType): string {
  const notes = [
    ...(retired === undefined ? [] : [`retired${retired === true ? '' : `: ${plain(retired)}`}`]),
    ...(version === 1 ? [] : [`version ${version}`]),
    ...(topics.length === 0 ? [] : [`also in ${codes(topics)}`]),
    ...(persons.length === 0 ? [] : [`persons: ${codes(persons.map(({ pointer }) => pointer))}`]),
    ...Object.entries(parts).map(
      ([name, pointers]) => `${name === 'internal' ? 'operators only' : `part ${name}`}: ${codes(pointers)}`,
    ),
  ]
  return notes.join('; ')
}

function codes(texts: readonly string[]): string {
  return texts.map(code).join(', ')
}
