import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** How a segment is kept: written, sealed, or down to its leaf hashes. */
export type Form = 'open' | 'sealed' | 'spine'

const SUFFIX: Readonly<Record<Form, string>> = { open: 'seg', sealed: 'sealed', spine: 'spine' }
/** What counts before what, where a crash has left more than one. */
export const FORMS: readonly Form[] = ['spine', 'sealed', 'open']

/** A segment on disk. */
export interface SegmentFile {
  /** First position, as its name says. */
  readonly first: number
  /** Name of the chunk's directory. */
  readonly chunk: string
  readonly form: Form
  /** Path without suffix. */
  readonly stem: string
  /** Forms of the same segment that should not be there any more. */
  readonly left: readonly Form[]
}

/** Path of a segment in a form. */
export function segmentPath(stem: string, form: Form): string {
  return `${stem}.${SUFFIX[form]}`
}

/** Path of a segment's search index. */
export function indexPath({ stem }: SegmentFile): string {
  return `${stem}.idx`
}

/** Every segment of a log, by position. */
export function listSegmentFiles(chunks: string): SegmentFile[] {
  return entriesOf(chunks)
    .flatMap(chunk => listChunkFiles(join(chunks, chunk), chunk))
    .sort((a, b) => a.first - b.first)
}

/** Every segment of one chunk, by position. */
export function listChunkFiles(dir: string, chunk: string): SegmentFile[] {
  const forms = new Map<string, Form[]>()
  const names = new Set(entriesOf(dir))
  for (const form of FORMS) {
    for (const name of names) {
      const stem = /^(\d{12,16})\.([a-z]+)$/.exec(name)
      if (stem?.[2] === SUFFIX[form])
        forms.set(stem[1] as string, [...(forms.get(stem[1] as string) ?? []), form])
    }
  }
  const found = [...forms].map(([name, [form, ...left]]): SegmentFile => {
    return { first: Number(name), chunk, form: form as Form, stem: join(dir, name), left }
  })
  return found.sort((a, b) => a.first - b.first)
}

function entriesOf(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
