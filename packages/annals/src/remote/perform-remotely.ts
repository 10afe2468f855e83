import type { Progress } from '../lifecycle/act.ts'
import type { HttpClient } from './http-client.ts'
import { isObject, notUnderstood, refusalOf } from './remote-error.ts'

/** An act may be silent for as long as a timer can wait, milliseconds. */
const SILENCE_MS = 2 ** 31 - 1

/** Has the server perform an act; it goes on there whatever becomes of the connection. @throws AnnalsError */
export async function performRemotely<Result>(
  client: HttpClient,
  act: string,
  request: unknown,
  onProgress: Progress | undefined,
): Promise<Result> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/x-ndjson' }
  const path = `/v1/lifecycle/${encodeURIComponent(act)}`
  await using stream = await client.open({ path, method: 'POST', headers, body: JSON.stringify(request) })
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const piece = await stream.read(SILENCE_MS)
    rest += decoder.decode(piece, { stream: piece !== undefined })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const value: unknown = JSON.parse(line)
      if (!isObject(value)) continue
      if ('result' in value) return value['result'] as Result
      const { problem, progress } = value
      if (isObject(problem)) throw refusalOf({ ...problem, message: problem['detail'] ?? problem['title'] })
      if (isObject(progress)) onProgress?.(Number(progress['done']), Number(progress['total']))
    }
    if (piece === undefined) throw notUnderstood('it ended without a result')
  }
}
