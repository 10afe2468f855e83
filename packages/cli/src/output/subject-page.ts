import type { ExportedEvent, SubjectSummary } from 'annals'
import { visible } from './escape.ts'
import { subjectStatement } from './subject-text.ts'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.05rem;margin:0}article{border-top:1px solid #bbb;padding:1rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}dt{color:#555}dd{margin:0}
pre{background:#f4f4f4;padding:.75rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}dt{color:#aaa}pre{background:#242424}article{border-color:#444}}`

/** Beginning of the page; it holds everything it needs, runs nothing and loads nothing. */
export function pageHead(person: string, made: Date): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>What is held about ${escaped(visible(person))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>What the audit trail holds about ${text(person)}</h1>
<p>Made on ${text(made.toISOString())}. Times are UTC. Oldest first.</p>
`
}

/** One event of the page. */
export function pageEvent({ event, parts, sentence }: ExportedEvent): string {
  const because = parts.map(({ name, as }) => `${name} (${as})`).join(', ')
  const rows: readonly (readonly [string, string])[] = [
    ['When', event.occurredAt],
    ['What', event.action],
    ['Result', event.outcome.result],
    ['About the person', because],
    ['Position and id', `${event.index}, ${event.id}`],
  ]
  const list = rows.map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`).join('')
  return `<article>
<h2>${text(sentence)}</h2>
<dl>${list}</dl>
<details><summary>Everything recorded</summary><pre>${block(JSON.stringify(event, undefined, 2))}</pre></details>
</article>
`
}

/** End of the page: counts, what was erased, and what the search could not see. */
export function pageTail(summary: SubjectSummary): string {
  const lines = subjectStatement(summary).map(line => `<p>${text(line)}</p>`)
  return `<footer>\n${lines.join('\n')}\n</footer>\n</body>\n</html>\n`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as HTML shows it: nothing in it is obeyed, and nothing hidden. */
function text(value: string): string {
  return `<bdi>${escaped(visible(value))}</bdi>`
}

function block(json: string): string {
  return escaped(json.split('\n').map(visible).join('\n'))
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, character => ENTITIES[character] ?? '')
}
