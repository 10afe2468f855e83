import { parseCanonical } from '@annals/tlog'

const encoder = new TextEncoder()

/**
 * The value of a part's canonical JSON. V8 can misread an escaped member name after it has seen the name `\` (nodejs/node
 * issue 63785), so a text with escapes is parsed by the parser that checks what it read.
 */
export function parsePart(json: string): unknown {
  if (!json.includes('\\')) return JSON.parse(json)
  try {
    return parseCanonical(encoder.encode(json))
  } catch {
    // Not canonical: verification says so; here it is read as it can be.
    return JSON.parse(json)
  }
}
