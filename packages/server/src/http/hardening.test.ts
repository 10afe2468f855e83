import { once } from 'node:events'
import { get as getOver, type IncomingMessage, request as requestOver } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { RawSocket } from '../testing/raw-socket.ts'
import { serve, type TestServer } from '../testing/serve.ts'

/** Asks with headers that fetch would not send. */
async function ask(
  server: TestServer,
  path: string,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  const request = getOver(new URL(path, server.url), {
    headers: { Authorization: `Bearer ${server.key}`, ...headers },
    agent: false,
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'close')
  return response
}

async function connections(server: TestServer): Promise<number> {
  const text = await (await server.ask('/metrics')).text()
  return Number(/^annals_connections_open (\d+)$/m.exec(text)?.[1])
}

describe('what is not asked as it should be', () => {
  it('405 says what is allowed, HEAD is allowed with GET, and OPTIONS says so, too', async () => {
    await using server = await serve()
    for (const [path, allow] of [
      ['/v1/events', 'GET, HEAD, POST, OPTIONS'],
      ['/v1/checkpoint', 'GET, HEAD, OPTIONS'],
      ['/v1/lifecycle/seal', 'POST, OPTIONS'],
      ['/v1/tile/0/000', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const refused = await server.ask(path, { method: 'PATCH', token: null })
      expect([path, refused.status, refused.headers.get('allow')]).toEqual([path, 405, allow])
      expect(await refused.json()).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
      const options = await server.ask(path, { method: 'OPTIONS', token: null })
      expect([options.status, options.headers.get('allow')]).toEqual([204, allow])
    }
    const head = await server.ask('/healthz', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '15', ''])
  })

  it('is a problem without a stack and without a path of the machine', async () => {
    await using server = await serve()
    const answers = await Promise.all([
      server.ask('/nothing'),
      server.ask('/v1/events/%zz'),
      server.ask('/%00'),
      server.ask('/v1/events?limit=1&limit=2'),
      server.ask('/v1/events?query=outcom:x'),
      server.ask(`/v1/events?query=${'x'.repeat(2001)}`),
      server.ask('/v1/lifecycle/seal', {
        method: 'POST',
        body: '{',
        headers: { 'Content-Type': 'application/json' },
      }),
      server.ask('/v1/lifecycle/seal', {
        method: 'POST',
        body: '{}',
        headers: { 'Content-Type': 'application/xml' },
      }),
      server.ask('/v1/lifecycle/seal', {
        method: 'POST',
        body: Buffer.from([0xff]),
        headers: { 'Content-Type': 'application/json' },
      }),
      server.ask('/v1/events', { token: 'annals_nonsense' }),
      server.ask('/v1/events', { token: null }),
    ])
    for (const answer of answers) {
      const text = await answer.text()
      expect([text, answer.status >= 400 && answer.status < 500]).toEqual([text, true])
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(answer.headers.get('x-request-id')).toBe(JSON.parse(text).requestId)
      expect(text).not.toMatch(/\bat .*:\d+:\d+|node_modules|\.ts\b|"stack"/)
      expect(text).not.toContain(server.dir)
    }
    expect(answers.map(answer => answer.status)).toEqual([
      404, 400, 404, 400, 400, 400, 400, 415, 400, 401, 401,
    ])
  })

  it('every answer has the headers that make browsers careful, and is not kept', async () => {
    await using server = await serve()
    for (const path of ['/v1/events', '/healthz', '/nothing']) {
      const { headers } = await server.ask(path)
      expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/)
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('what is too much', () => {
  it('what is no request is refused, and the connection closed', async () => {
    await using server = await serve()
    for (const [what, text, status] of [
      ['a long path', `GET /v1/events?query=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
      ['a long header', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['many headers', `GET /healthz HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(5_000)}\r\n`, 431],
      ['no HTTP', 'HELLO\r\n\r\n', 400],
      ['a header without a host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
      [
        'two lengths',
        'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
        400,
      ],
      [
        'a length and chunks',
        'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
        400,
      ],
    ] as const) {
      using socket = await RawSocket.open(server.url)
      socket.write(text)
      const answer = await socket.closed()
      expect([what, answer.split('\r\n')[0]]).toEqual([what, expect.stringContaining(`HTTP/1.1 ${status} `)])
      expect(answer.toLowerCase()).toContain('connection: close')
    }
  })

  it('a body beyond the limit is refused, told its length or not', async () => {
    await using server = await serve({ limits: { body: 2048 } })
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ hold: 'x'.repeat(3000) })
    const told = await server.ask('/v1/lifecycle/hold', { method: 'POST', body, headers })
    expect(told.status).toBe(413)
    const untold = requestOver(new URL('/v1/lifecycle/hold', server.url), {
      method: 'POST',
      headers: { ...headers, Authorization: `Bearer ${server.key}`, 'Transfer-Encoding': 'chunked' },
      agent: false,
    })
    untold.on('error', () => {})
    for (let n = 0; n < 4; n++) untold.write('x'.repeat(1000))
    const [response] = (await once(untold, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
    untold.destroy()
  })

  it('a head that comes byte by byte is cut off, and so is a body', async () => {
    await using server = await serve({ limits: { headersSeconds: 1, requestSeconds: 1 } })
    using head = await RawSocket.open(server.url)
    const dripping = (async () => {
      for (const byte of `GET /healthz HTTP/1.1\r\nHost: a\r\n${'X-Drip: 1\r\n'.repeat(1000)}`) {
        if (head.socket.destroyed) return
        head.write(byte)
        await setTimeout(20)
      }
    })()
    expect(await head.closed()).toMatch(/^HTTP\/1\.1 408 /)
    await dripping
    using body = await RawSocket.open(server.url)
    body.write(
      `POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${server.key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    )
    expect(await body.closed()).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('whoever does not take an answer is cut off', async () => {
    await using server = await serve({ limits: { stallSeconds: 1 } })
    using socket = await RawSocket.open(server.url)
    socket.socket.pause()
    // Answers of more bytes than the buffers of both sides hold.
    socket.write('GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(800))
    while ((await connections(server)) > 1) await setTimeout(50)
  })

  it('connections beyond the limit are closed at once', async () => {
    await using server = await serve({ limits: { connections: 2 } })
    using first = await RawSocket.open(server.url)
    using second = await RawSocket.open(server.url)
    first.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
    await first.until(/200 OK/)
    second.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
    await second.until(/200 OK/)
    using third = await RawSocket.open(server.url)
    third.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await third.closed()).toBe('')
  })

  it('too many requests are told when to come again, each credential by itself', async () => {
    await using server = await serve({ limits: { rate: 5 } })
    const token = await server.token({ role: 'operator' })
    const statuses = async (given: string | null): Promise<readonly number[]> => {
      const answers: Response[] = []
      for (let n = 0; n < 7; n++) answers.push(await server.ask('/v1/lifecycle/acts', { token: given }))
      const last = answers.at(-1)
      expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await last?.json()).toMatchObject({ status: 429, code: 'ANNALS_RATE_LIMITED' })
      return answers.map(answer => answer.status)
    }
    expect(await statuses(server.key)).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect(await statuses(token)).toEqual([200, 200, 200, 200, 200, 429, 429])
    // Tokens that are tried out count for the address.
    expect(await statuses(`${token}x`)).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect((await server.ask('/healthz', { token: null })).status).toBe(429)
  })
})

describe('where requests come from', () => {
  async function addressOf(server: TestServer, forwarded: string): Promise<string | undefined> {
    await ask(server, `/v1/events?query=tag.n=${Math.random()}`, { 'X-Forwarded-For': forwarded })
    const { events } = await server.trail.find('action:log.access', { limit: 1 })
    return events[0]?.origin.ip
  }

  it('X-Forwarded-For is nobody’s word without a trusted proxy', async () => {
    await using server = await serve()
    expect(await addressOf(server, '203.0.113.9')).toBe('127.0.0.1')
    expect(await addressOf(server, '203.0.113.9, 127.0.0.1')).toBe('127.0.0.1')
  })

  it('through n trusted proxies it is the last address that none of them is', async () => {
    await using server = await serve({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] })
    expect(await addressOf(server, '203.0.113.9')).toBe('203.0.113.9')
    expect(await addressOf(server, '198.51.100.1, 203.0.113.9, 10.1.2.3')).toBe('203.0.113.9')
    // What the client itself put in front is not believed.
    expect(await addressOf(server, '10.9.9.9, 198.51.100.1, 203.0.113.9')).toBe('203.0.113.9')
  })
})

describe('pages of other origins', () => {
  it('may ask only when they are listed', async () => {
    await using server = await serve({ cors: ['https://app.example.com'] })
    const allowed = await server.ask('/v1/events', { headers: { Origin: 'https://app.example.com' } })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull()
    expect(allowed.headers.get('access-control-expose-headers')).toContain('X-Request-Id')
    for (const origin of [
      'https://evil.example.com',
      'https://app.example.com.evil',
      'null',
      'http://app.example.com',
    ]) {
      const { headers } = await server.ask('/v1/events', { headers: { Origin: origin } })
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('vary')).toContain('Origin')
    }
    const preflight = await server.ask('/v1/events', {
      method: 'OPTIONS',
      token: null,
      headers: { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
  })

  it('may not ask when none is', async () => {
    await using server = await serve()
    const { headers } = await server.ask('/v1/events', { headers: { Origin: 'https://app.example.com' } })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})
