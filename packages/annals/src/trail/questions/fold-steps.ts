import { type Json, sameJson } from '../../model/index.ts'
import type { EventRef, Step, ToldChange } from './entity-changes.ts'
import { changed, isWhole, type Known, knownAt, knownJson, knownPlaces, nothingKnown } from './known.ts'

/** What is known of one place of an entity. */
export interface KnownPlace {
  /** JSON pointer. */
  readonly path: string
  /** `unknown`: changed to a value that is withheld or was cut, or by an action whose outcome is not known. */
  readonly status: 'known' | 'absent' | 'unknown'
  readonly value?: Json
  /** The event that says so. */
  readonly by: EventRef
  /** Whether it says what the place became, or what it was before the event. */
  readonly says: 'after' | 'before'
  /** The next event that changed the place. */
  readonly until?: EventRef
}

/** What some changes make of a value of which nothing is known at first. */
export interface Folded {
  /** The known values; absent when there are none. */
  readonly state?: Json
  /** Whether that is all there was: the value was once told as a whole, and nothing in it is withheld. */
  readonly whole: boolean
  /** At most 1,000. */
  readonly places: readonly KnownPlace[]
  /** Changes whose value before was not that which the changes before them had left: something between was not recorded. At most 100. */
  readonly contradictions: readonly { readonly path: string; readonly by: EventRef }[]
}

const MOST_PLACES = 1_000
const MOST_CONTRADICTIONS = 100

/**
 * Folds changes in order; then asks later ones what the places, of which nothing is known, were before them.
 *
 * @param later steps after the moment that is asked about; they are looked at when there is one before
 */
export function foldSteps(steps: readonly Step[], later: readonly Step[]): Folded {
  const contradictions: { path: string; by: EventRef }[] = []
  let root: Known = nothingKnown()
  for (const [by, { ref, changes, hides }] of steps.entries()) {
    if (hides) root = { is: 'unknown', by }
    for (const told of changes) {
      if (contradicts(root, told) && contradictions.length < MOST_CONTRADICTIONS)
        contradictions.push({ path: told.change.path, by: ref })
      root = changed(root, told.segments, told.change, afterOf(told, by))
    }
  }
  const touched = new Touched()
  for (const [nth, { ref, changes, hides }] of later.entries()) {
    // What it was before something that the reader may not see, nobody later can tell.
    if (hides) touched.add('', ref)
    for (const told of changes) {
      if (steps.length > 0 && touched.by(told.change.path) === undefined)
        root = lookedBack(root, told, steps.length + nth)
      touched.add(told.change.path, ref)
    }
  }
  const refs = [...steps, ...later].map(({ ref }) => ref)
  const state = knownJson(root)
  return {
    ...(state === undefined ? {} : { state }),
    whole: isWhole(root),
    places: placesOf(root, refs, steps.length, touched),
    contradictions,
  }
}

function afterOf({ change, tellsAfter }: ToldChange, by: number): Known {
  if (!tellsAfter) return { is: 'unknown', by }
  if (change.op === 'remove') return { is: 'absent', by }
  return change.after === undefined ? { is: 'unknown', by } : { is: 'value', value: change.after, by }
}

function contradicts(root: Known, { change, segments, tellsBefore }: ToldChange): boolean {
  if (change.op === 'add' || !tellsBefore || change.before === undefined) return false
  const known = knownAt(root, segments)
  if (known?.is === 'value') return !sameJson(known.value, change.before)
  return known?.is === 'absent'
}

/** What is known when a later change tells what its place was before it. */
function lookedBack(root: Known, { change, segments, tellsBefore }: ToldChange, by: number): Known {
  const known = knownAt(root, segments)
  // A number may be a position in a list of which nothing else is known.
  if (
    !tellsBefore ||
    (known !== undefined && known.is !== 'unknown') ||
    segments.some(one => /^\d+$/.test(one))
  )
    return root
  if (change.op === 'add') return changed(root, segments, change, { is: 'absent', by })
  if (change.before === undefined) return root
  return changed(root, segments, change, { is: 'value', value: change.before, by })
}

function placesOf(
  root: Known,
  refs: readonly EventRef[],
  past: number,
  touched: Touched,
): readonly KnownPlace[] {
  const places: KnownPlace[] = []
  for (const [path, known] of knownPlaces(root)) {
    if (places.length === MOST_PLACES) break
    const until = touched.by(path)
    places.push({
      path,
      ...(known.is === 'value' ? { status: 'known', value: known.value } : { status: known.is }),
      by: refs[known.by] as EventRef,
      says: known.by < past ? 'after' : 'before',
      ...(until === undefined ? {} : { until }),
    })
  }
  return places
}

/** Places that were changed, and by whom first. */
class Touched {
  /** By pointer: changed itself. */
  readonly #here = new Map<string, EventRef>()
  /** By pointer: something below was changed. */
  readonly #below = new Map<string, EventRef>()

  add(path: string, ref: EventRef): void {
    setOnce(this.#here, path, ref)
    for (const above of aboveOf(path)) setOnce(this.#below, above, ref)
  }

  /** The first that changed a place, all around it or something in it. */
  by(path: string): EventRef | undefined {
    const refs = [path, ...aboveOf(path)].flatMap(one => this.#here.get(one) ?? [])
    const below = this.#below.get(path)
    if (below !== undefined) refs.push(below)
    return refs.reduce<EventRef | undefined>(
      (first, ref) => (first === undefined || isBefore(ref, first) ? ref : first),
      undefined,
    )
  }
}

function setOnce(map: Map<string, EventRef>, path: string, ref: EventRef): void {
  if (!map.has(path)) map.set(path, ref)
}

function* aboveOf(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    yield path.slice(0, end)
    if (end === 0) return
  }
}

function isBefore(a: EventRef, b: EventRef): boolean {
  return a.occurredAt < b.occurredAt || (a.occurredAt === b.occurredAt && a.index < b.index)
}
