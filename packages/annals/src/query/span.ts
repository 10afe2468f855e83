/** Half-open range of UTF-16 positions in the text a query was parsed from. */
export type Span = readonly [from: number, to: number]

// Beside the nodes and not in them: two queries are equal whatever their spelling.
const spans = new WeakMap<object, Span>()

/** Notes where a node or value stands in its source, and returns it. */
export function placed<T extends object>(node: T, span: Span): T {
  spans.set(node, span)
  return node
}

/**
 * Where a node or value of a parsed query stands in its source; undefined for one that was built or copied.
 *
 * @example
 * ```ts
 * spanOf(parseQuery('actor:alice')) // [0, 11]
 * ```
 */
export function spanOf(node: object): Span | undefined {
  return spans.get(node)
}
