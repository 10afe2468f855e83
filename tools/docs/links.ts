import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Check } from '../lib/report.ts'
import { ROOT } from '../lib/workspace.ts'
import { anchors, pages, withoutCode } from './markdown.ts'

/** Every relative link of every page leads somewhere in the repository. */
export function linkChecks(): readonly Check[] {
  const files = pages()
  const problems = files.flatMap(file => brokenLinks(ROOT, file))
  return [{ name: 'links', problems, note: `${files.length} pages` }]
}

/** Links of a page that lead nowhere, each with its reason. */
export function brokenLinks(root: string, file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return targets(withoutCode(text)).flatMap(target => {
    const [path = '', anchor = ''] = decodeURI(target).split('#')
    const place = path === '' ? join(root, file) : join(root, dirname(file), path)
    if (relative(root, place).startsWith('..')) return [`${file}: ${target} leaves the repository`]
    if (!existsSync(place)) return [`${file}: ${target} does not exist`]
    if (anchor === '' || !place.endsWith('.md')) return []
    return anchors(readFileSync(place, 'utf8')).has(anchor) ? [] : [`${file}: ${target} has no such heading`]
  })
}

function targets(text: string): readonly string[] {
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)
  const references = text.matchAll(/^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s+"[^"]*")?\s*$/gm)
  return [...inline, ...references]
    .map(match => match[1] ?? '')
    .filter(target => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target))
}
