import type { TestServer } from './serve.ts'

/** What an answer holds, looked at freely. */
export type Answer = Readonly<Record<string, unknown>>

export async function json(response: Response): Promise<Answer> {
  return (await response.json()) as Answer
}

/** Sends JSON. */
export async function post(
  server: TestServer,
  path: string,
  body: unknown,
  token?: string,
): Promise<Response> {
  return await server.ask(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
    ...(token === undefined ? {} : { token }),
  })
}
