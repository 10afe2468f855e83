import { describe } from '../catalog/index.ts'
import { type SubjectEvent, type SubjectSummary, subjectEvents } from '../lifecycle/subject.ts'
import type { Person } from '../log/key-store.ts'
import { openCatalog, statedCatalog } from './read-side.ts'

/** Options of {@link exportSubject}. */
export interface ExportSubjectOptions {
  /** Directory of the log. */
  readonly dir: string
  readonly person: Person
}

/** An event about a person, with its sentence. */
export interface ExportedEvent extends SubjectEvent {
  readonly sentence: string
}

/**
 * Everything that a directory holds about a person, event by event in order of position; the iteration returns a summary. It
 * needs no lock, so it runs beside a writer. With the directory's keys it finds every part that is keyed to the person;
 * without them it compares actors, targets and texts, and the summary says so.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no log, ANNALS_KEYS when its keys are damaged
 * @example
 * ```ts
 * const found = exportSubject({ dir: './annals-data', person: { type: 'user', id: 'alice' } })
 * for (let next = await found.next(); ; next = await found.next()) {
 *   if (next.done) return next.value
 *   console.log(next.value.sentence)
 * }
 * ```
 */
export async function* exportSubject(
  options: ExportSubjectOptions,
): AsyncGenerator<ExportedEvent, SubjectSummary, undefined> {
  const { dir, person } = options
  const { openEmbeddedReader, readPersonTags } = await import('../stores/embedded/index.ts')
  const store = await openEmbeddedReader({ dir })
  try {
    const catalog = (await statedCatalog(store.search)) ?? openCatalog()
    const tag = (await readPersonTags(dir))?.(person)
    const events = subjectEvents({ log: store, tag }, person)
    for (;;) {
      const next = await events.next()
      if (next.done === true) return next.value
      yield { ...next.value, sentence: describe(next.value.event, catalog) }
    }
  } finally {
    await store.close()
  }
}
