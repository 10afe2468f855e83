import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Asked, type Document, RESTRICTED, requestFor } from './fuzz-requests.test-support.ts'
import { openApiOf, pathOf } from './http/openapi.ts'
import { ROUTES } from './routes/index.ts'
import { serve, type TestServer } from './testing/serve.ts'

/** Requests: some hundreds each time, and a campaign when it is asked for. */
const RUNS = process.env['ANNALS_CAMPAIGN'] === 'full' ? 10_000 : 300
/** What a request may take before it counts as one that hangs, milliseconds. */
const PATIENCE_MS = 60_000
/** Nobody but those who see everything may get to see this; no request holds it. */
const SECRET = 'zyx-of-another-tenant-xyz'

const document = openApiOf(ROUTES, '0.0.0') as unknown as Document
const named = document.components.schemas

let server: TestServer
let eventId = ''
const tokens = new Map<string, string | null>()
beforeAll(async () => {
  server = await serve({ limits: { rate: 10_000_000 } })
  const secret = {
    actor: { type: 'user', id: `u-${SECRET}`, name: SECRET },
    targets: [{ type: 'machine', id: SECRET, name: SECRET }],
    project: SECRET,
    outcome: { result: 'failure', code: SECRET, message: SECRET },
    origin: {
      ip: '203.0.113.5',
      userAgent: SECRET,
      requestId: SECRET,
      correlationId: SECRET,
      sessionId: SECRET,
    },
    changes: [{ path: `/${SECRET}`, op: 'replace', before: SECRET, after: SECRET }],
    tags: { [SECRET]: SECRET },
    description: SECRET,
    data: { note: SECRET },
  } as const
  const ours = {
    actor: { type: 'user', id: 'alice' },
    targets: [{ type: 'machine', id: 'web-1' }],
    project: 'p1',
    visibility: 'public',
  } as const
  await server.trail.recordAll(
    Array.from({ length: 60 }, (_, n) =>
      n % 2 === 0
        ? { action: 'machine.start', tenant: 'acme', ...ours }
        : { action: `machine.${SECRET}`, tenant: 'umbra', ...secret },
    ),
  )
  await server.trail.flush()
  const { events } = await server.trail.find('tenant:umbra', { limit: 1 })
  eventId = events[0]?.id ?? ''
  tokens.set('operator', await server.token({ role: 'operator' }))
  tokens.set('auditor', await server.token({ role: 'auditor' }))
  tokens.set('tenant-admin', await server.token({ role: 'tenant-admin', tenant: 'acme' }))
  tokens.set('owner', await server.token({ role: 'owner', project: 'p1', tenant: 'acme' }))
  tokens.set('maintainer', await server.token({ role: 'maintainer', project: 'p1', tenant: 'acme' }))
  tokens.set(
    'user',
    await server.token({ role: 'user', subject: { type: 'user', id: 'alice' }, tenant: 'acme' }),
  )
  tokens.set('recorder', await server.token({ role: 'recorder', tenant: 'acme' }))
  tokens.set('nobody', null)
  tokens.set('junk', `annals_${'0'.repeat(16)}_${'A'.repeat(43)}`)
})
afterAll(async () => await server.close())

/** The answer, without waiting for the end of what has none. */
async function answerOf(asked: Asked): Promise<{ readonly response: Response; readonly text: string }> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(new Error(`no answer: ${JSON.stringify(asked)}`)), PATIENCE_MS)
  try {
    const body = typeof asked.body === 'string' ? asked.body.replaceAll('EVENT', eventId) : asked.body
    const response = await server.ask(asked.path.replaceAll('EVENT', eventId), {
      method: asked.method,
      headers: asked.headers,
      token: tokens.get(asked.who) ?? null,
      signal: abort.signal,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
    })
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
      return { response, text: await response.text() }
    return { response, text: await beginningOf(response) }
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

/** What a stream says before it waits. */
async function beginningOf(response: Response): Promise<string> {
  let text = ''
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  while (reader !== undefined && text.length < 4_000) {
    const quiet = new Promise<undefined>(resolve => setTimeout(resolve, 20, undefined))
    const next = await Promise.race([reader.read(), quiet])
    if (next === undefined || next.done) break
    text += next.value
  }
  reader?.cancel().catch(() => {})
  return text
}

it(`${RUNS} requests made from the OpenAPI document: no fault, no hang, nothing of another tenant`, {
  timeout: 3_600_000,
}, async () => {
  const requests = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      // What shows events is asked most.
      weight: operation.tags.some(tag => tag === 'events' || tag === 'live') ? 5 : 1,
      arbitrary: requestFor(path, method, operation, named),
    })),
  )
  const schemas = new Map(ROUTES.map(route => [`${route.method} ${pathOf(route)}`, route]))
  expect(requests).toHaveLength(schemas.size)
  const statuses = new Map<number, number>()
  let shown = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(...requests), async asked => {
      const { response, text } = await answerOf(asked)
      const { status, headers } = response
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const what = JSON.stringify({
        asked: { ...asked, body: String(asked.body) },
        status,
        text: text.slice(0, 500),
      })
      expect(status === 501 || status === 503 || status < 500, what).toBe(true)
      expect(/\bat .*\.[jt]s:\d+|node_modules|"stack"/.test(text), what).toBe(false)
      expect(text.includes(server.dir), what).toBe(false)
      if (RESTRICTED.includes(asked.who)) {
        expect(text.includes(SECRET), what).toBe(false)
        expect([...headers].join().includes(SECRET), what).toBe(false)
      }
      if (text.includes(SECRET)) shown++
      expect(headers.get('x-request-id'), what).not.toBeNull()
      if (asked.method === 'HEAD' || text === '') return
      if (status >= 400) {
        if (asked.id === 'ready') return
        expect(headers.get('content-type'), what).toMatch(/^application\/problem\+json/)
        expect(JSON.parse(text), what).toMatchObject({ status, code: expect.any(String) })
        return
      }
      const route = ROUTES.find(one => one.id === asked.id && one.method === asked.method)
      const schema = route?.responses[status]?.schema
      if (schema === undefined || headers.get('content-type')?.startsWith('application/json') !== true) return
      expect(schema.safeParse(JSON.parse(text)).error?.issues ?? [], what).toEqual([])
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
  // It is no test if everything is refused.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(RUNS / 20)
  for (const status of [400, 401, 403]) expect([...statuses.keys()]).toContain(status)
  // Those who see everything do see it: it is there to be leaked.
  expect(shown).toBeGreaterThan(0)
})
