import { formatPointer, isPointer, parsePointer } from '../model/index.ts'

/** One piece of a sentence template. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'actor' | 'targets' | 'outcome' | 'tenant' | 'project' }
  | { readonly kind: 'target'; readonly at: number }
  | { readonly kind: 'data'; readonly segments: readonly string[] }
  | { readonly kind: 'change'; readonly side: 'before' | 'after'; readonly pointer: string }
  | { readonly kind: 'tag'; readonly name: string }

/** A parsed sentence template. */
export type Template = readonly Piece[]

const PLACEHOLDERS =
  '{actor} {target} {target.N} {targets} {tenant} {project} {outcome} {data.PATH} {from.PATH} {to.PATH} {tags.NAME}'

/**
 * Parses a sentence template. PATH is dotted (`data.owner.name`), or a JSON pointer where a name has a dot (`data/owner.name`).
 * `{{` and `}}` stand for braces.
 *
 * @throws TypeError for an unknown placeholder or a brace without its partner
 * @example
 * ```ts
 * parseTemplate('{actor} deleted machine {target}').length // 3
 * ```
 */
export function parseTemplate(template: string): Template {
  const pieces: Piece[] = []
  let text = ''
  const flush = (): void => {
    if (text !== '') pieces.push({ kind: 'text', text })
    text = ''
  }
  for (let at = 0; at < template.length; ) {
    const sign = template[at]
    if ((sign === '{' || sign === '}') && template[at + 1] === sign) {
      text += sign
      at += 2
    } else if (sign === '{') {
      const end = template.indexOf('}', at)
      if (end < 0) throw new TypeError(`'${template}': the brace at ${at} is not closed`)
      flush()
      pieces.push(parsePlaceholder(template, template.slice(at + 1, end)))
      at = end + 1
    } else if (sign === '}') {
      throw new TypeError(`'${template}': the brace at ${at} closes nothing; write }} for a brace`)
    } else {
      text += sign
      at += 1
    }
  }
  flush()
  return pieces
}

function parsePlaceholder(template: string, inner: string): Piece {
  switch (inner) {
    case 'actor':
    case 'targets':
    case 'outcome':
    case 'tenant':
    case 'project':
      return { kind: inner }
    case 'target':
      return { kind: 'target', at: 0 }
    default:
  }
  const at = inner.search(/[./]/)
  const head = inner.slice(0, at)
  const rest = inner.slice(at + 1)
  if (at > 0 && rest !== '') {
    if (head === 'target' && /^\d{1,2}$/.test(rest)) return { kind: 'target', at: Number(rest) }
    if (head === 'tags' && inner[at] === '.') return { kind: 'tag', name: rest }
    const segments =
      inner[at] === '.'
        ? rest.split('.')
        : isPointer(inner.slice(at))
          ? parsePointer(inner.slice(at))
          : undefined
    if (segments?.every(segment => segment !== '')) {
      if (head === 'data') return { kind: 'data', segments }
      if (head === 'from') return { kind: 'change', side: 'before', pointer: formatPointer(segments) }
      if (head === 'to') return { kind: 'change', side: 'after', pointer: formatPointer(segments) }
    }
  }
  throw new TypeError(`'${template}': unknown placeholder {${inner}}; known: ${PLACEHOLDERS}`)
}

/** The literal words of a template, lower case, one space between pieces. */
export function literalText(template: Template): string {
  return template
    .map(piece => (piece.kind === 'text' ? piece.text : ' '))
    .join('')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}
