import { readFile } from 'node:fs/promises'
import type { Policy, PolicyDefinition, PolicyIssue } from 'annals/policy'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { Failure } from '../failure/failure.ts'

/** A mistake in a file. Line and column count from 1. */
export interface PlacedIssue extends PolicyIssue {
  readonly line: number
  readonly column: number
}

/** A policy file that was read: a good policy, or its mistakes. */
export type ReadPolicy = { readonly policy: Policy } | { readonly issues: readonly PlacedIssue[] }

/** Reads a policy as YAML; JSON is YAML, too. */
export async function readPolicy(file: string): Promise<ReadPolicy> {
  const { checkPolicy, createPolicy } = await import('annals/policy')
  const lines = new LineCounter()
  // Aliases are bounded, so that a small file cannot become a huge policy.
  const document = parseDocument(await readFile(file, 'utf8'), { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0)
    return {
      issues: document.errors.map(({ message, pos: [at] }) => ({
        path: '',
        message: message.split('\n')[0] ?? message,
        ...place(lines, at),
      })),
    }
  const definition: unknown = document.toJS({ maxAliasCount: 100 }) ?? {}
  const issues = checkPolicy(definition)
  if (issues.length === 0) return { policy: createPolicy(definition as PolicyDefinition) }
  return { issues: issues.map(issue => ({ ...issue, ...place(lines, offsetOf(document, issue.path)) })) }
}

/**
 * Reads a policy that must be good.
 *
 * @throws Failure exit 1 with its mistakes
 */
export async function readGoodPolicy(file: string): Promise<Policy> {
  const read = await readPolicy(file)
  if ('policy' in read) return read.policy
  throw new Failure(`${file} is no policy`, {
    exit: 1,
    code: 'ANNALS_INVALID',
    shown: read.issues.map(issueLine(file)),
    hint: 'Mend it until "annals policy check" finds nothing.',
  })
}

/** A mistake as compilers write one. */
export function issueLine(file: string): (issue: PlacedIssue) => string {
  return ({ line, column, path, message, hint }) =>
    `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`
}

function place(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** Where the place of a JSON pointer begins: the name of a member, or an element; of what is missing, its container. */
function offsetOf(document: Document, pointer: string): number {
  let node = document.contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const escaped of pointer.split('/').slice(1)) {
    const segment = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === segment)
      if (pair === undefined) return offset
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      node = (node.items[Number(segment)] as Node | undefined) ?? null
      offset = node?.range?.[0] ?? offset
    } else return offset
  }
  return offset
}
