// Two companies and one server. Each sends its own audit records, searches them and watches them live, and never meets those of
// the other. The records are those of CloudTrail here, of GitHub and Okta there.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningServer, startServer } from '@annals/server'
import { type Importer, importRecords, loadImporter } from 'annals/importers'
import { openRemote } from 'annals/remote'
import { sending } from './two-tenants/sent.ts'

const TENANTS = ['acme', 'umbra'] as const
type Tenant = (typeof TENANTS)[number]

const SENDS = sending()
console.log(SENDS.about)
const dir = await mkdtemp(join(tmpdir(), 'annals-tenants-'))
try {
  await run(await startServer({ dir, port: 0, log: { level: 'silent' } }))
} finally {
  await rm(dir, { recursive: true, force: true })
}

async function run(server: RunningServer): Promise<void> {
  try {
    const watching = TENANTS.map(tenant => watchFailures(server, tenant))
    for (const tenant of TENANTS) {
      console.log(tenant, await send(server, tenant))
      await search(server, tenant)
    }
    const seen = await Promise.all(watching)
    for (const [nth, tenant] of TENANTS.entries())
      console.log(`${tenant} watched ${seen[nth]} failures as they came`)
  } finally {
    await server.close()
  }
}

/** The recorder of a company can record for it, and nothing else. */
async function send(server: RunningServer, tenant: Tenant): Promise<string> {
  const { token } = await server.keys.create({ name: `${tenant} recorder`, role: 'recorder', tenant })
  await using trail = await openRemote({ url: server.url, token })
  const told: string[] = []
  for (const { importer, events, open } of SENDS[tenant]) {
    const counts = await importRecords(trail, ownedBy(tenant, await loadImporter(importer)), open())
    assert.equal(counts.recorded, events, `${importer}: ${JSON.stringify(counts)}`)
    told.push(`${counts.recorded} events of ${importer}`)
  }
  await assert.rejects(trail.record('a.b', { tenant: 'another' }), { code: 'ANNALS_DENIED', path: '/tenant' })
  await assert.rejects(trail.find(''), { code: 'ANNALS_DENIED' })
  return `sent ${told.join(' and ')}`
}

/** An importer puts what the source calls a tenant, such as an account; here that is one of our companies. */
function ownedBy(tenant: Tenant, importer: Importer): Importer {
  return {
    ...importer,
    convert: record => [...importer.convert(record)].map(draft => ({ ...draft, tenant })),
  }
}

/** An administrator of a company finds what the company sent, whatever is asked. */
async function search(server: RunningServer, tenant: Tenant): Promise<void> {
  const { token } = await server.keys.create({ name: `${tenant} admin`, role: 'tenant-admin', tenant })
  await using trail = await openRemote({ url: server.url, token })
  const sent = SENDS[tenant].reduce((sum, { events }) => sum + events, 0)
  for (const query of ['', 'tenant:acme OR tenant:umbra', '-tenant:nobody', 'id:* OR *']) {
    const { total, groups } = await trail.count(query, ['tenant'])
    assert.deepEqual([total, groups.map(group => group.key)], [sent, [{ tenant }]], query)
  }
  assert.equal((await trail.count('is:failed')).total, SENDS.failures[tenant])
  const { events } = await trail.find('is:failed', { limit: 3 })
  for (const event of events) console.log(`  ${trail.describe(event)}`)
  const [event] = events
  assert(event !== undefined)
  assert.equal((await trail.get(event.id))?.tenant, tenant)
}

/** A live reader of one company, at work while both send: it gets every failure of its own, and nothing else. */
async function watchFailures(server: RunningServer, tenant: Tenant): Promise<number> {
  const { token } = await server.keys.create({ name: `${tenant} watcher`, role: 'tenant-admin', tenant })
  await using trail = await openRemote({ url: server.url, token })
  const seen = new Set<string>()
  const limit = SENDS.failures[tenant]
  const signal = AbortSignal.timeout(60_000)
  for await (const event of trail.events('is:failed', { follow: true, limit, signal })) {
    assert.equal(event.tenant, tenant)
    seen.add(event.id)
  }
  assert.equal(seen.size, limit)
  return limit
}
