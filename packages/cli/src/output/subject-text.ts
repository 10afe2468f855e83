import type { SubjectSummary } from 'annals'
import { grouped } from './progress.ts'

/** What an export says at its end, in sentences. */
export function subjectStatement({
  events,
  entries,
  parts,
  byKeys,
  erased,
}: SubjectSummary): readonly string[] {
  const about = parts.keyed + parts.named
  return [
    events === 0
      ? `Nothing about this person is held in the ${grouped(entries)} entries of the log.`
      : `${grouped(events)} of the ${grouped(entries)} entries of the log are about this person: ${grouped(about)} parts in which the person acts or is acted on, and ${grouped(parts.mentioned)} that mention the person.`,
    ...(erased.parts === 0
      ? []
      : [
          `Of the whole log ${grouped(erased.parts)} parts were erased, as ordered by ${grouped(erased.authorities)} of its entries. Nothing tells whom they were about.`,
        ]),
    ...(byKeys
      ? []
      : [
          'The keys of the log were not at hand: only actors, targets and texts were compared, so that what an event type refers to in another way is missing.',
        ]),
  ]
}
