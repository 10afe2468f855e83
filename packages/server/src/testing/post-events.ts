import type { TestServer } from './serve.ts'

/** An answer, read whole. */
export interface Sent {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is looked at freely
  readonly json: any
  readonly text: string
}

/** Records over HTTP: what is given is sent as it is when it is text or bytes, else as JSON. */
export async function post(
  server: TestServer,
  body: unknown,
  {
    type = 'application/json',
    query = '',
    token,
    ...headers
  }: Readonly<Record<string, string>> & { type?: string; query?: string; token?: string } = {},
): Promise<Sent> {
  const answer = await server.ask(`/v1/events${query}`, {
    method: 'POST',
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    headers: { 'Content-Type': type, ...headers },
    ...(token === undefined ? {} : { token }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') && !text.trimEnd().includes('\n')
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined }
}
