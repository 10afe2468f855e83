import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { openReader, verifyDirectory } from 'annals'
import { describe, expect, it } from 'vitest'
import { RawSocket } from './testing/raw-socket.ts'
import { type SpawnedServer, spawnServer } from './testing/spawn-server.ts'

/** Begins to send an event, and resolves when the server has the head of the request and waits for its body. */
async function beginSending(server: SpawnedServer): Promise<ReturnType<typeof request>> {
  const sending = request(new URL('/v1/events', server.url), {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${server.key}`,
      Expect: '100-continue',
    },
    agent: false,
  })
  sending.on('error', () => {})
  sending.flushHeaders()
  await once(sending, 'continue')
  sending.write('{"action":')
  return sending
}

/** Waits until nothing new is taken. */
async function untilRefused(server: SpawnedServer): Promise<void> {
  for (;;) {
    const answered = await server.ask('/v1/events').then(
      ({ status }) => status,
      () => 0,
    )
    if (answered !== 200) return
    await setTimeout(20)
  }
}

describe('a server that is told to end', () => {
  it('answers what is under way, ends streams, takes nothing new, and closes the log', async () => {
    await using server = await spawnServer()
    const stream = await server.ask('/v1/events/stream?query=action:none')
    const sending = await beginSending(server)
    server.kill('SIGTERM')
    expect(await stream.text()).toContain('event: end')
    await untilRefused(server)
    sending.end('"door.close"}')
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(201)
    response.resume()
    expect(await server.ended()).toBe(0)
    expect(server.output().stdout.trim().split('\n').at(-1)).toBe('{"signal":"SIGTERM","forced":false}')
    const dir = join(server.dir, 'log')
    await using reader = await openReader({ dir })
    const events = await Array.fromAsync(reader.events('action:door.*'))
    expect(events.map(event => event.action)).toEqual(['door.close'])
    expect(await verifyDirectory(dir)).toMatchObject({ ok: true })
  })

  it('a second signal does not wait', async () => {
    await using server = await spawnServer({ ANNALS_SERVER_LIMITS_DRAIN_SECONDS: '600' })
    await beginSending(server)
    server.kill('SIGINT')
    await untilRefused(server)
    server.kill('SIGINT')
    expect(await server.ended()).toBe(0)
    expect(server.output().stdout.trim().split('\n').at(-1)).toBe('{"signal":"SIGINT","forced":true}')
    expect(await verifyDirectory(join(server.dir, 'log'))).toMatchObject({ ok: true })
  })

  it('what does not end in its time is cut off', async () => {
    await using server = await spawnServer({ ANNALS_SERVER_LIMITS_DRAIN_SECONDS: '0' })
    using idle = await RawSocket.open(server.url)
    await beginSending(server)
    server.kill('SIGTERM')
    expect(await server.ended()).toBe(0)
    expect(await idle.closed()).toBe('')
  })
})

describe('TLS', () => {
  const hasOpenssl = (() => {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })()

  function certificate(dir: string, name: string): void {
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.pem`
    execFileSync('openssl', words.split(' '), { cwd: dir, stdio: 'ignore' })
  }

  async function nameServed(url: string): Promise<string | undefined> {
    const socket: TLSSocket = connect({
      port: Number(new URL(url).port),
      host: '127.0.0.1',
      rejectUnauthorized: false,
    })
    await once(socket, 'secureConnect')
    const name = socket.getPeerCertificate().subject.CN
    const version = socket.getProtocol()
    socket.destroy()
    expect(version).toMatch(/^TLSv1\.[23]$/)
    return Array.isArray(name) ? name[0] : name
  }

  it.skipIf(!hasOpenssl)(
    'serves a certificate, and a renewed one without a restart; a bad one changes nothing',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'annals-tls-'))
      try {
        for (const name of ['one', 'two', 'three']) certificate(dir, name)
        const put = (cert: string, key: string): void => {
          execFileSync('cp', [`${cert}.pem`, 'next.pem'], { cwd: dir })
          execFileSync('cp', [`${key}.key`, 'next.key'], { cwd: dir })
          renameSync(join(dir, 'next.pem'), join(dir, 'cert.pem'))
          renameSync(join(dir, 'next.key'), join(dir, 'key.pem'))
        }
        put('one', 'one')
        await using server = await spawnServer({
          ANNALS_SERVER_TLS_CERT: join(dir, 'cert.pem'),
          ANNALS_SERVER_TLS_KEY: join(dir, 'key.pem'),
        })
        expect(server.url).toMatch(/^https:/)
        expect(await nameServed(server.url)).toBe('one')
        put('three', 'two')
        server.kill('SIGHUP')
        while (!server.output().stderr.includes('the certificate stays as it was')) await setTimeout(20)
        expect(await nameServed(server.url)).toBe('one')
        put('two', 'two')
        server.kill('SIGHUP')
        while ((await nameServed(server.url)) !== 'two') await setTimeout(20)
        // Without a signal, the files are looked at.
        put('three', 'three')
        while ((await nameServed(server.url)) !== 'three') await setTimeout(100)
        server.kill('SIGTERM')
        expect(await server.ended()).toBe(0)
        expect(server.output().stderr).not.toContain('PRIVATE KEY')
      } finally {
        rmSync(dir, { recursive: true, force: true })
      }
    },
  )

  it('does not start with a certificate that cannot be used', async () => {
    await expect(
      spawnServer({ ANNALS_SERVER_TLS_CERT: '/nowhere.pem', ANNALS_SERVER_TLS_KEY: '/nowhere.key' }),
    ).rejects.toThrow(/tls: the certificate cannot be used/)
  })
})
