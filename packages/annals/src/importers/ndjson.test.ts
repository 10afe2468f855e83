import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../model/index.ts'
import { importerSuite } from '../testing/importer-suite.ts'
import { sampleDrafts } from '../testing/sample-events.ts'
import { ndjson } from './ndjson.ts'

const event: AuditEvent = {
  id: '0198c0de-0000-7000-8000-000000000001',
  index: 7,
  action: 'machine.resize',
  version: 1,
  phase: 'single',
  operation: '0198c0de-0000-7000-8000-000000000001',
  outcome: { result: 'failure', code: 'E', durationMs: 3 },
  occurredAt: '2026-01-02T03:04:05.678Z',
  recordedAt: '2026-01-02T03:04:06.000Z',
  actor: { type: 'user', id: 'u1' },
  targets: [{ type: 'machine', id: 'm1' }],
  origin: {},
  data: {},
  visibility: 'owner',
  retention: 'default',
}
const { index: _index, recordedAt: _recordedAt, operation: _operation, id: _id, ...kept } = event

importerSuite({
  runner: { describe, it },
  importer: ndjson,
  source: 'optional',
  shapes: 'checked later',
  hostile: fc.sample(fc.jsonValue(), { numRuns: 1000, seed: 3 }),
  samples: [
    {
      title: 'an event becomes a draft, with its id as source',
      record: event,
      expect: [{ ...kept, source: { system: 'annals', id: event.id } }],
    },
    {
      title: 'the manifest in the last line of an export is no event',
      record: { manifest: { query: '', count: 1, sha256: 'ab', complete: true } },
      expect: [],
    },
    { title: 'what only resembles one is refused', record: { manifest: { count: 1 } }, expect: /\/action/ },
    {
      title: 'an event that was imported before keeps its source',
      record: { ...event, source: { system: 'aws.cloudtrail', id: 'e-1' } },
      expect: [{ source: { system: 'aws.cloudtrail', id: 'e-1' } }],
    },
    {
      title: 'an outcome keeps its operation',
      record: { ...event, phase: 'outcome', operation: 'op-1' },
      expect: [{ phase: 'outcome', operation: 'op-1' }],
    },
    {
      title: 'what was cut is noted',
      record: {
        ...event,
        notes: [{ path: '/origin/ip', reason: 'r' }],
        truncated: [{ path: '/data/x', bytes: 9, sha256: 'ab' }],
      },
      expect: [
        {
          notes: [
            { path: '/origin/ip', reason: 'r' },
            { path: '/data/x', reason: 'cut before the export; the full value had 9 bytes, sha256 ab' },
          ],
        },
      ],
    },
    {
      title: 'a draft goes as it is',
      record: { action: 'a.b', id: 'k', data: { x: 1 } },
      expect: [{ action: 'a.b', id: 'k', data: { x: 1 } }],
    },
    {
      title: 'erased parts',
      record: { ...event, erased: ['who'] },
      expect: /^\/erased: parts of the event were erased: who$/,
    },
    {
      title: 'an event of the log itself',
      record: { ...event, action: 'log.gap' },
      expect: /^\/action: log\.gap is an event of the log/,
    },
    { title: 'no action', record: { data: 1 }, expect: /^\/action: must be a dotted path, got nothing$/ },
    { title: 'no id', record: { ...event, id: 5 }, expect: /^\/id/ },
    { title: 'a source that is none', record: { action: 'a', source: null }, expect: /^\/source/ },
  ],
})

describe('ndjson', () => {
  it('leaves drafts exactly as they are', () => {
    for (const draft of sampleDrafts({ count: 1000 })) expect(ndjson.convert(draft)).toEqual([draft])
  })
})
