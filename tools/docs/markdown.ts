import { globSync } from 'node:fs'
import { ROOT } from '../lib/workspace.ts'

const OTHERS = new Set(['node_modules', 'dist', 'coverage', '.git', 'api'])

/** Every page of the project, as paths from the root. */
export function pages(): readonly string[] {
  const exclude = (path: string): boolean => OTHERS.has(path.split(/[\\/]/).at(-1) ?? '')
  return globSync('**/*.md', { cwd: ROOT, exclude }).sort()
}

/** A fenced block of code that has a mark, an HTML comment on the line before. */
export interface Block {
  readonly language: string
  readonly code: string
  /** Line of the fence, from 1. */
  readonly line: number
}

/**
 * Blocks marked with `<!-- mark -->`.
 *
 * @example
 * ```ts
 * markedBlocks(readme, 'test') // [{ language: 'sh', code: 'npm ci && npm test', line: 12 }]
 * ```
 */
export function markedBlocks(markdown: string, mark: string): readonly Block[] {
  const pattern =
    /^[ \t]*<!-- (?<mark>[a-z]+) -->[ \t]*\n+```(?<language>\w+)[^\n]*\n(?<code>.*?)^```[ \t]*$/gms
  return [...markdown.matchAll(pattern)]
    .filter(match => match.groups?.['mark'] === mark)
    .map(match => ({
      language: match.groups?.['language'] ?? '',
      code: match.groups?.['code'] ?? '',
      line: markdown.slice(0, match.index + match[0].indexOf('```')).split('\n').length,
    }))
}

/** Marks of this name, also those that no block follows. */
export function countMarks(markdown: string, mark: string): number {
  return withoutCode(markdown).split(`<!-- ${mark} -->`).length - 1
}

/** The text without fenced blocks and code spans. */
export function withoutCode(markdown: string): string {
  return markdown.replace(/^(```+|~~~+).*?^\1[`~]*[ \t]*$/gms, '').replace(/(`+)[^`]+?\1/g, '')
}

/** Anchors of the headings of a page, as GitHub makes them. */
export function anchors(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const found = new Set<string>(
    [...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(match => match[1] ?? ''),
  )
  const text = markdown.replace(/^(```+|~~~+).*?^\1[`~]*[ \t]*$/gms, '')
  for (const [, heading = ''] of text.matchAll(/^#{1,6}[ \t]+(.+?)[ \t#]*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    found.add(times === 0 ? slug : `${slug}-${times}`)
  }
  return found
}
