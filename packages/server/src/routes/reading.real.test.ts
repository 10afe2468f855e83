import { createReadStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AuditEvent } from 'annals'
import { importRecords, loadImporter } from 'annals/importers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

const FOLDER = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')
const FILE = resolve(FOLDER, 'aws-cloudtrail-invictus.ndjson')
const missing = !existsSync(FILE)
const skipped = missing ? ' (skipped: the file is not here; set ANNALS_TEST_DATA to its folder)' : ''

describe.skipIf(missing)(`real records of aws-cloudtrail-invictus.ndjson over HTTP${skipped}`, () => {
  let server: TestServer
  let events: readonly AuditEvent[]

  beforeAll(async () => {
    server = await serve()
    const counts = await importRecords(server.trail, await loadImporter('cloudtrail'), createReadStream(FILE))
    expect(counts).toMatchObject({ recorded: 2_900, rejected: 0 })
    events = await Array.fromAsync(server.trail.events())
  }, 120_000)
  afterAll(async () => await server.close())

  async function ask<T>(path: string): Promise<T> {
    const response = await server.ask(path)
    expect(response.status, path).toBe(200)
    return (await response.json()) as T
  }

  it('T32: walking pages gives each event once, while a writer appends', async () => {
    for (const [order, limit] of [
      ['asc', 50],
      ['desc', 97],
      ['asc', 1_000],
      ['desc', 110],
    ] as const) {
      const seen: string[] = []
      let cursor = ''
      for (;;) {
        const page = await ask<{ events: AuditEvent[]; next?: string }>(
          `/v1/events?query=source:aws.cloudtrail&order=${order}&limit=${limit}${cursor}`,
        )
        seen.push(...page.events.map(({ id }) => id))
        if (page.next === undefined) break
        await server.trail.recordAll([
          { action: 'late', outcome: 'denied', occurredAt: '2026-01-01T00:00:00Z' },
        ])
        cursor = `&cursor=${page.next}`
      }
      const expected = events.map(({ id }) => id)
      expect(seen, `${order} ${limit}`).toEqual(order === 'asc' ? expected : expected.toReversed())
    }
  }, 120_000)

  it('T47: counts and buckets are those that were counted in the file', async () => {
    const total = async (query: string): Promise<number> =>
      (await ask<{ total: number }>(`/v1/count?query=${encodeURIComponent(query)}`)).total
    expect(await total('source:aws.cloudtrail')).toBe(2_900)
    expect(await total('source:aws.cloudtrail -outcome:success')).toBe(300)
    expect(await total('error=ThrottlingException')).toBe(102)
    expect(await total('source:aws.cloudtrail outcome:denied')).toBe(60)
    expect(await total('at:2023-07-10T12:07:57Z')).toBe(110)
    const actions = await ask<{ groups: unknown[] }>('/v1/count?query=source:aws.cloudtrail&by=action')
    expect(actions.groups).toHaveLength(262)
    const shown = await ask<{ edges: number[]; series: Record<string, number[]>; total: number }>(
      '/v1/histogram?query=source:aws.cloudtrail&buckets=60&timeZone=Europe/Berlin',
    )
    expect(shown.total).toBe(2_900)
    expect(shown.edges).toHaveLength(57)
    for (const [result, counts] of Object.entries(shown.series)) {
      const expected = shown.edges.slice(1).map((to, nth) => {
        const from = shown.edges[nth] as number
        const isIn = (time: number): boolean => time >= from && time < to
        return events.filter(event => event.outcome.result === result && isIn(Date.parse(event.occurredAt)))
          .length
      })
      expect(counts, result).toEqual(expected)
    }
    const { facets } = await ask<{ facets: { field: string; values: { value: string; count: number }[] }[] }>(
      '/v1/facets?query=source:aws.cloudtrail&fields=error,actor&limit=1000',
    )
    const errors = new Map(facets[0]?.values.map(({ value, count }) => [value, count]))
    expect(errors.get('ThrottlingException')).toBe(102)
    const actors = new Set(events.map(({ actor }) => `${actor.type}/${actor.id}`))
    expect(new Set(facets[1]?.values.map(({ value }) => value))).toEqual(actors)
  })
})
