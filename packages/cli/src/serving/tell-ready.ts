import type { Context } from '../context.ts'
import { jsonLine } from '../output/write-json.ts'

/** A server that can be asked. */
export interface Ready {
  readonly url: string
  /** Of a first start only. */
  readonly key: string | undefined
}

/**
 * Tells that a server can be asked: one line of JSON; a page with commands to paste, on a terminal; else the address and, below,
 * the key. The key is data: it is written once, to stdout, and never to stderr, which is kept as a log.
 *
 * @param about one line on what is served
 */
export async function tellReady({ output, globals }: Context, ready: Ready, about: string): Promise<void> {
  const { url, key } = ready
  if (globals.format === 'json' || globals.format === 'ndjson') {
    await output.data(`${jsonLine({ url, ...(key === undefined ? {} : { key }) })}\n`)
  } else if (output.out.isTTY) {
    const once =
      key === undefined
        ? []
        : ["The administrator's key, shown this once; keep it:", '', `  export ANNALS_TOKEN=${key}`, '']
    await output.data([`${about} at ${url}`, '', ...once, guideOf(url), '', ''].join('\n'))
  } else {
    await output.data(key === undefined ? `${url}\n` : `${url}\n${key}\n`)
    const lines = [`${about} at ${url}`]
    if (key !== undefined)
      lines.push("The second line of the output is the administrator's key, shown this once; keep it.")
    output.note([...lines, guideOf(url)].join('\n'))
  }
  await output.flush()
}

/** Commands that record an event and list events; the key is in ANNALS_TOKEN, for histories keep what is typed. */
function guideOf(url: string): string {
  const auth = '-H "Authorization: Bearer $ANNALS_TOKEN"'
  const draft = '{"action":"hello.world","actor":{"type":"user","id":"me"}}'
  return [
    'With the key in ANNALS_TOKEN, record an event and list events:',
    '',
    `  curl ${auth} -H 'Content-Type: application/json' -d '${draft}' ${url}/v1/events`,
    `  curl ${auth} ${url}/v1/events`,
    `  annals list --endpoint ${url}`,
  ].join('\n')
}
