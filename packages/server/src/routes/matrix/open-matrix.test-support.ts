import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTrail } from 'annals'
import { startServer } from '../../start-server.ts'
import { Asker, type Matrix } from './asker.test-support.ts'
import type { MatrixCase } from './cases.test-support.ts'
import { MATRIX_CATALOG, MATRIX_EVENTS } from './events.test-support.ts'
import { LOG_CANARY } from './probes.test-support.ts'

/** Records the events as an application with its types does, and serves them. */
export async function openMatrix(): Promise<Matrix & AsyncDisposable> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-matrix-'))
  const trail = await openTrail({ dir, catalog: MATRIX_CATALOG })
  for (const { action, draft } of MATRIX_EVENTS) await trail.record(action, draft)
  const { events } = await trail.find('action:act.*', { order: 'asc', limit: 1_000 })
  await trail.close()
  const server = await startServer({
    dir,
    port: 0,
    log: { level: 'silent' },
    limits: { rate: 1_000_000 },
  })
  await server.keys.create({ name: LOG_CANARY, role: 'recorder' })
  return {
    server,
    recorded: new Map(events.map((event, nth) => [nth, event])),
    async [Symbol.asyncDispose]() {
      await server.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A reader with a token of their own. */
export async function askerFor(matrix: Matrix, reader: MatrixCase): Promise<Asker> {
  const { key, viewer } = reader
  const box = key.role === 'auditor' ? { expiresAt: new Date(Date.now() + 3_600_000).toISOString() } : {}
  const { token } = await matrix.server.keys.create({ name: 'reader', ...box, ...key })
  if (viewer === undefined) return new Asker(matrix, reader, token)
  const answer = await fetch(new URL('/v1/viewer-tokens', matrix.server.url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(viewer),
  })
  return new Asker(matrix, reader, ((await answer.json()) as { token: string }).token)
}
