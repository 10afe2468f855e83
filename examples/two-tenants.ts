// Two companies and one server. Each sends its own audit records, searches them and watches them live, and never meets those of
// the other. The records are real ones: CloudTrail here, GitHub and Okta there.
import assert from 'node:assert/strict'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type RunningServer, startServer } from '@annals/server'
import { type ImportCounts, importRecords, loadImporter } from 'annals/importers'
import { openRemote } from 'annals/remote'

/** What each company sends, and how many events of it are recorded: the files repeat records on purpose, and hold some that lack a time. */
const SENDS = {
  acme: [['cloudtrail', 'aws-cloudtrail-invictus.ndjson', 2900]],
  umbra: [
    ['github', 'panther/github-audit.ndjson', 56],
    ['okta', 'panther/okta-systemlog.ndjson', 14],
  ],
} as const
type Tenant = keyof typeof SENDS

const data = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../shared/data')
if (!existsSync(data)) {
  console.log('skipped: the records are not here; set ANNALS_TEST_DATA to their folder')
  process.exit(0)
}
const dir = await mkdtemp(join(tmpdir(), 'annals-tenants-'))
try {
  await run(await startServer({ dir, port: 0, log: { level: 'silent' } }))
} finally {
  await rm(dir, { recursive: true, force: true })
}

async function run(server: RunningServer): Promise<void> {
  try {
    const watching = watchFailures(server)
    for (const tenant of ['acme', 'umbra'] as const) {
      console.log(tenant, await send(server, tenant))
      await search(server, tenant)
    }
    console.log(`acme watched ${await watching} failures as they came`)
  } finally {
    await server.close()
  }
}

/** The recorder of a company can record for it, and nothing else. */
async function send(server: RunningServer, tenant: Tenant): Promise<string> {
  const { token } = await server.keys.create({ name: `${tenant} recorder`, role: 'recorder', tenant })
  await using trail = await openRemote({ url: server.url, token })
  const told: string[] = []
  for (const [name, file, expected] of SENDS[tenant]) {
    const importer = await loadImporter(name)
    const own = {
      ...importer,
      convert: (record: unknown) => [...importer.convert(record)].map(draft => ({ ...draft, tenant })),
    }
    const counts: ImportCounts = await importRecords(trail, own, createReadStream(join(data, file)))
    assert.equal(counts.recorded, expected, `${file}: ${JSON.stringify(counts)}`)
    told.push(`${counts.recorded} events of ${name}`)
  }
  await assert.rejects(trail.find(''), { code: 'ANNALS_DENIED' })
  return `sent ${told.join(' and ')}`
}

/** An administrator of a company finds what the company sent, whatever is asked. */
async function search(server: RunningServer, tenant: Tenant): Promise<void> {
  const { token } = await server.keys.create({ name: `${tenant} admin`, role: 'tenant-admin', tenant })
  await using trail = await openRemote({ url: server.url, token })
  const sent = SENDS[tenant].reduce((sum, [, , count]) => sum + count, 0)
  for (const query of ['', 'tenant:acme OR tenant:umbra', '-tenant:nobody', 'id:* OR *']) {
    const { total, groups } = await trail.count(query, ['tenant'])
    assert.deepEqual([total, groups.map(group => group.key)], [sent, [{ tenant }]], query)
  }
  const { events } = await trail.find('is:failed', { limit: 3 })
  for (const event of events) console.log(`  ${trail.describe(event)}`)
  const [event] = events
  assert(event !== undefined)
  assert.equal((await trail.get(event.id))?.tenant, tenant)
}

/** A live reader of one company: what the other does meanwhile does not reach it. */
async function watchFailures(server: RunningServer): Promise<number> {
  const { token } = await server.keys.create({ name: 'acme watcher', role: 'tenant-admin', tenant: 'acme' })
  await using trail = await openRemote({ url: server.url, token })
  let seen = 0
  for await (const event of trail.events('is:failed', { follow: true, limit: 300 })) {
    assert.equal(event.tenant, 'acme')
    seen++
  }
  return seen
}
