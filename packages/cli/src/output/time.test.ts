import { expect, test } from 'vitest'
import { isZone, listTime, localTime, zoneLabel } from './time.ts'

test('times are shown in a zone', () => {
  expect(localTime('2026-11-21T23:02:41.318Z', 'Europe/Berlin')).toBe('2026-11-22 00:02:41.318')
  expect(zoneLabel('Europe/Berlin', new Date('2026-11-21T00:00:00Z'))).toBe('CET')
  expect(zoneLabel('UTC', new Date(0))).toBe('UTC')
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
