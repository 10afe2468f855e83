// The trail of a service that manages machines: typed events, one operation with attempt and outcome, a live watcher, a count that
// stays in tandem with the log, and a receipt that is checked with nothing but the public key.
import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize, checkProof, ed25519Verifier, leafHash, parseProof } from '@annals/tlog'
import { catalog, defineEvent, openReader, openTrail } from 'annals'
import { z } from 'zod'

const types = catalog(
  defineEvent('machine.resize', {
    data: z.object({ size: z.enum(['small', 'large']) }),
    describe: '{actor} resized machine {target} to {data.size}',
  }),
  defineEvent('machine.owner.change', {
    describe: '{actor} gave machine {target} to {to.owner}',
    persons: ['/changes/~1owner'],
    retention: 'security',
  }),
)

const dir = await mkdtemp(join(tmpdir(), 'annals-instances-'))
try {
  await record(dir)
  await audit(dir)
} finally {
  await rm(dir, { recursive: true, force: true })
}

/** The service: it holds the log. */
async function record(dir: string): Promise<void> {
  const perAction = new Map<string, number>()
  await using trail = await openTrail({
    dir,
    origin: 'machines.example/audit',
    catalog: types,
    onRecorded: ({ action }) => perAction.set(action, (perAction.get(action) ?? 0) + 1),
  })

  const seen: string[] = []
  const watching = (async () => {
    for await (const event of trail.events('action:machine.*', { follow: true, limit: 5 }))
      seen.push(`${event.phase}: ${trail.describe(event)}`)
  })()

  // A request: everything recorded inside has this actor and origin.
  const actor = { type: 'user', id: 'u-17', name: 'alice' }
  await trail.within({ actor, tenant: 'acme', origin: { ip: '192.0.2.7', requestId: 'req-1' } }, async () => {
    const targets = [{ type: 'machine', id: 'web-3' }]
    const size = await trail.wrap('machine.resize', { targets, data: { size: 'large' } }, async () => 'large')
    assert.equal(size, 'large')
    await assert.rejects(
      trail.wrap('machine.resize', { targets, data: { size: 'small' } }, async () => {
        throw Object.assign(new Error('no capacity'), { code: 'NoCapacity' })
      }),
      /no capacity/,
    )
    await trail.record('machine.owner.change', {
      targets,
      changes: [{ path: '/owner', op: 'replace', before: 'u-17', after: 'u-18' }],
    })
  })

  await watching
  console.log(seen.join('\n'))
  assert.deepEqual(seen, [
    'attempt: alice resized machine web-3 to large · attempted',
    'outcome: alice resized machine web-3 to large',
    'attempt: alice resized machine web-3 to small · attempted',
    'outcome: alice resized machine web-3 to small · failed: no capacity',
    'single: alice gave machine web-3 to u-18',
  ])

  // A draft that breaks its type is refused before anything is written; the compiler says so, too.
  // @ts-expect-error
  const wrong = trail.record('machine.resize', { data: { size: 'huge' } })
  await assert.rejects(wrong, { code: 'ANNALS_INVALID', path: '/data/size' })

  const { groups } = await trail.count('', ['action'])
  assert.deepEqual(new Map(groups.map(group => [group.key['action'], group.count])), perAction)
}

/** Somebody else: reads the directory, and checks one receipt as an outsider would. */
async function audit(dir: string): Promise<void> {
  await using reader = await openReader({ dir })
  const { events } = await reader.find('target:web-3 error:NoCapacity')
  const [event] = events
  assert.ok(event)
  const receipt = await reader.receipt(event.id)

  // From here on: the receipt, and the key that the auditor keeps.
  const vkey = (await readFile(join(dir, 'vkey'), 'utf8')).trim()
  const sha = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
  const trusted = ed25519Verifier(sha, vkey, verifyEd25519)
  const { entry } = JSON.parse(Buffer.from(parseProof(receipt).extra ?? []).toString())
  const leaf = leafHash(sha, Buffer.from(canonicalize(entry)))
  const { index, checkpoint } = await checkProof(sha, receipt, leaf, {
    origin: 'machines.example/audit',
    verifiers: [trusted],
  })
  assert.equal(index, event.index)
  assert.equal(entry.i, event.id)
  console.log(
    `${entry.a} with result ${entry.o} is entry ${index} of the ${checkpoint.size} that were signed`,
  )
}

function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}
