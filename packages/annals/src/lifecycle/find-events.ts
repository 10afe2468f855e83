import { readEntry } from '../log/entry.ts'
import type { Positioned } from '../log/log-store.ts'
import { AnnalsError } from '../model/index.ts'
import type { ActContext } from './act.ts'
import { invalidRequest } from './act-request.ts'
import type { Findings, FoundPart } from './erase-findings.ts'
import { explainsLog } from './person-parts.ts'
import { recordsAt } from './records-at.ts'

/**
 * The parts of events that a redaction means; those that are gone already are nothing to do.
 *
 * @param names parts of each event; absent, all of them
 * @throws AnnalsError ANNALS_NOT_FOUND for an event, ANNALS_INVALID for a part that an event does not have or that explains the log
 */
export async function findEvents(
  { store }: Pick<ActContext, 'store'>,
  events: readonly (string | number)[],
  names: readonly string[] | undefined,
): Promise<Findings> {
  const positions = new Set<number>()
  for (const event of events) positions.add(await positionOf(store, event))
  const parts: FoundPart[] = []
  let read = 0
  for await (const one of recordsAt(
    store.log,
    [...positions].sort((a, b) => a - b),
  )) {
    read++
    parts.push(...partsOf(one, names))
  }
  if (read < positions.size) throw notFound()
  return { parts, keys: new Set(), persons: 0, reported: 0, explaining: 0 }
}

async function positionOf({ search }: ActContext['store'], event: string | number): Promise<number> {
  const index = typeof event === 'number' ? event : await search.position(event)
  if (index === undefined) throw notFound()
  return index
}

function notFound(): AnnalsError {
  return new AnnalsError('ANNALS_NOT_FOUND', 'There is no such event in the log.', {
    path: '/events',
    hint: 'An event is named by its whole id, or by its position.',
  })
}

function partsOf({ index, record }: Positioned, names: readonly string[] | undefined): FoundPart[] {
  if (record.thinned !== undefined) return []
  const { action } = readEntry(record.entry.toString('latin1'))
  const known = record.parts.map(({ name }) => name)
  const strange = names?.find(name => !known.includes(name))
  if (strange !== undefined) {
    const hint = `Its parts: ${known.join(', ')}.`
    throw invalidRequest(
      '/parts',
      `names "${strange}", which the event at position ${index} does not have`,
      hint,
    )
  }
  const found: FoundPart[] = []
  for (const { name, bytes } of record.parts) {
    if (bytes === null || (names !== undefined && !names.includes(name))) continue
    if (explainsLog(action, name)) {
      throw invalidRequest(
        '/events',
        `names ${action} at position ${index}, which explains the log`,
        'Name part who.',
      )
    }
    found.push({ index, name, keys: [], mention: false })
  }
  return found
}
