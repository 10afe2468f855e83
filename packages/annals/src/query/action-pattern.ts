import { fold } from './fold.ts'

/** A dotted path to compare with, by segments. A segment may end in `*`, or be `*`: any one segment. */
export interface ActionPattern {
  readonly segments: readonly string[]
  /** Whether paths that go on below are meant as well. */
  readonly below: boolean
}

/**
 * Reads a pattern of `action:` or `topic:`. `a.*` is `a` and everything below it; `a.st*` everything whose second
 * segment begins with `st`, at any depth; `a.*.c` has one segment in the middle. Undefined when a `*` stands
 * anywhere but at the end of a segment.
 *
 * @example
 * ```ts
 * parseActionPattern('machine.*') // { segments: ['machine'], below: true }
 * parseActionPattern('m*ne')      // undefined
 * ```
 */
export function parseActionPattern(text: string): ActionPattern | undefined {
  const segments = fold(text).split('.')
  for (const segment of segments) {
    const star = segment.indexOf('*')
    if (star >= 0 && star !== segment.length - 1) return undefined
  }
  const last = segments.at(-1) ?? ''
  if (last === '*') return { segments: segments.slice(0, -1), below: true }
  return { segments, below: last.endsWith('*') }
}

/**
 * Whether a folded path meets a pattern.
 *
 * @example
 * ```ts
 * meetsActionPattern('machine.nic.add', { segments: ['machine'], below: true }) // true
 * ```
 */
export function meetsActionPattern(path: string, { segments, below }: ActionPattern): boolean {
  const parts = path.split('.')
  if (below ? parts.length < segments.length : parts.length !== segments.length) return false
  return segments.every((segment, at) => meetsSegment(parts[at] ?? '', segment))
}

function meetsSegment(part: string, segment: string): boolean {
  return segment.endsWith('*') ? part.startsWith(segment.slice(0, -1)) : part === segment
}
