import { expect, test } from 'vitest'
import { isZone, listTime, localTime, zoneLabel } from './time.ts'

test('times are shown in a zone', () => {
  expect(localTime('2026-11-21T23:02:41.318Z', 'Europe/Berlin')).toBe('2026-11-22 00:02:41.318')
  expect(zoneLabel('Europe/Berlin', new Date('2026-11-21T00:00:00Z'))).toBe('CET')
  expect(zoneLabel('UTC', new Date(0))).toBe('UTC')
})

test.each([
  ['0000-01-01T00:00:00.000Z', 'UTC', '0000-01-01 00:00:00.000'],
  ['0000-01-01T00:00:00.000Z', 'Etc/GMT+5', '-0001-12-31 19:00:00.000'],
  ['0000-12-31T23:00:00.000Z', 'Etc/GMT-2', '0001-01-01 01:00:00.000'],
  ['0099-06-01T00:00:00.000Z', 'UTC', '0099-06-01 00:00:00.000'],
  ['9999-12-31T23:59:59.999Z', 'UTC', '9999-12-31 23:59:59.999'],
])('early and late years: %s in %s', (iso, zone, shown) => {
  expect(localTime(iso, zone)).toBe(shown)
  expect(listTime(iso, zone, new Date('2026-11-21T12:00:00Z'))).toBe(shown.slice(0, -4))
})

test('a list leaves out the day when it is today', () => {
  const now = new Date('2026-11-21T12:00:00Z')
  expect(listTime('2026-11-21T11:02:41.318Z', 'Europe/Berlin', now)).toBe('12:02:41.318')
  expect(listTime('2026-11-20T11:02:41.318Z', 'Europe/Berlin', now)).toBe('2026-11-20 12:02:41')
})

test('a text that is no time stays', () => {
  expect(localTime('soon', 'UTC')).toBe('soon')
})

test('zones are known by name', () => {
  expect(isZone('Europe/Berlin')).toBe(true)
  expect(isZone('Mars/Base')).toBe(false)
})
