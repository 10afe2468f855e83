const SEGMENT = '[A-Za-z0-9_-]+'
const PATH = new RegExp(`^${SEGMENT}(?:\\.${SEGMENT})*$`)

/** Root of the actions that the log records about itself; nobody can record below it by hand. */
export const LOG_ROOT = 'log'

/** Whether a text is a dotted path of segments `[A-Za-z0-9_-]+`, the form of actions and topics. */
export function isPath(text: string): boolean {
  return PATH.test(text)
}

/**
 * Whether a path is `ancestor` itself or lies below it, on segment boundaries.
 *
 * @example
 * ```ts
 * isWithin('a.b.c', 'a.b') // true
 * isWithin('a.bc', 'a.b')  // false
 * ```
 */
export function isWithin(path: string, ancestor: string): boolean {
  return (
    path === ancestor ||
    (path.length > ancestor.length && path[ancestor.length] === '.' && path.startsWith(ancestor))
  )
}

/**
 * The path and everything above it, outermost first.
 *
 * @example
 * ```ts
 * lineage('a.b.c') // ['a', 'a.b', 'a.b.c']
 * ```
 */
export function lineage(path: string): string[] {
  const found: string[] = []
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) found.push(path.slice(0, dot))
  found.push(path)
  return found
}

/** Whether an action is one of the log's own. */
export function isLogAction(action: string): boolean {
  return isWithin(action, LOG_ROOT)
}
