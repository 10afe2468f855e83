import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

interface Operation {
  readonly state: 'pending' | 'ended'
  readonly attempt?: { readonly id: string }
  readonly outcome?: { readonly operation: string; readonly outcome: { readonly result: string } }
}

const NOWHERE = '019aa56f-9000-7000-8000-000000000001'

async function ask(server: TestServer, id: string, wait = 0, token = server.key): Promise<Operation> {
  const response = await server.ask(`/v1/operations/${id}?wait=${wait}`, { token })
  expect(response.status).toBe(200)
  return (await response.json()) as Operation
}

/** Once somebody waits on the server. */
async function waiting(server: TestServer, count: number): Promise<void> {
  await expect.poll(() => server.live.open).toBe(count)
}

describe('waiting for the outcome of an operation', () => {
  it('T46: answers with its outcome as soon as there is one; the same action of somebody else does not do', async () => {
    await using server = await serve()
    const [operation, other] = await Promise.all([
      server.trail.begin('machine.resize', { targets: [{ type: 'machine', id: 'm1' }] }),
      server.trail.begin('machine.resize', { targets: [{ type: 'machine', id: 'm1' }] }),
    ])
    expect(await ask(server, operation.id)).toMatchObject({ state: 'pending', attempt: { id: operation.id } })
    const answer = ask(server, operation.id, 60)
    await waiting(server, 1)
    await other.finish('success')
    await server.trail.record('machine.resize')
    await operation.finish({ result: 'failure', code: 'E_BUSY' })
    expect(await answer).toMatchObject({
      state: 'ended',
      attempt: { id: operation.id },
      outcome: { operation: operation.id, outcome: { result: 'failure', code: 'E_BUSY' } },
    })
    expect(await ask(server, operation.id, 60)).toMatchObject({ state: 'ended' })
    await waiting(server, 0)
  })

  it('a single event is its own outcome', async () => {
    await using server = await serve()
    const { id } = await server.trail.record('login')
    expect(await ask(server, id)).toMatchObject({ state: 'ended', outcome: { operation: id } })
  })

  it('one that is not there yet, or is hidden, can be waited for; in time it is 404, alike for both', async () => {
    await using server = await serve()
    const admin = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    const hidden = await server.trail.begin('x', { tenant: 'umbra' })
    const problems = await Promise.all(
      [hidden.id, NOWHERE, 'no-id'].map(async id => {
        const response = await server.ask(`/v1/operations/${id}?wait=1`, { token: admin })
        const { requestId: _, ...problem } = (await response.json()) as { requestId: string }
        return [response.status, problem]
      }),
    )
    expect(problems[0]?.[0]).toBe(404)
    expect(problems).toEqual([problems[0], problems[0], problems[0]])
    const answer = ask(server, NOWHERE, 60)
    await waiting(server, 1)
    await server.trail.recordAll([
      { action: 'x', operation: NOWHERE, phase: 'attempt', outcome: 'pending' },
      { action: 'x', operation: NOWHERE, phase: 'outcome', outcome: 'denied' },
    ])
    expect(await answer).toMatchObject({ state: 'ended', outcome: { outcome: { result: 'denied' } } })
  })

  it('the real outcome wins over one that was only supposed', async () => {
    await using server = await serve()
    const drafts = (['pending', 'success', 'unknown'] as const).map(outcome => ({
      action: 'x',
      operation: NOWHERE,
      phase: outcome === 'pending' ? ('attempt' as const) : ('outcome' as const),
      outcome,
    }))
    await server.trail.recordAll(drafts)
    expect((await ask(server, NOWHERE)).outcome?.outcome.result).toBe('success')
  })

  it('has an end: its time, and the end of the server', async () => {
    await using server = await serve()
    const operation = await server.trail.begin('x')
    expect(await ask(server, operation.id, 1)).toMatchObject({ state: 'pending' })
    for (const wait of ['61', '-1', '1.5', '', 'x'])
      expect((await server.ask(`/v1/operations/${operation.id}?wait=${wait}`)).status).toBe(400)
    const answer = ask(server, operation.id, 60)
    await waiting(server, 1)
    await server.close()
    expect(await answer).toMatchObject({ state: 'pending' })
  })

  it('one whose client has gone leaves no reader behind', async () => {
    await using server = await serve()
    const operation = await server.trail.begin('x')
    const before = server.trail.listeners
    const client = new AbortController()
    const asked = server.ask(`/v1/operations/${operation.id}?wait=60`, { signal: client.signal })
    await waiting(server, 1)
    await expect.poll(() => server.trail.listeners).toBe(before + 1)
    client.abort()
    await expect(asked).rejects.toThrow()
    await waiting(server, 0)
    await expect.poll(() => server.trail.listeners).toBe(before)
  })
})
