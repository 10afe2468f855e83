const ZONED = new Map<string, Intl.DateTimeFormat>()

/** The zone of this machine, as IANA calls it. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Whether a zone name is known here. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Short name of a zone at an instant, such as `CET`, or its offset where it has no name. */
export function zoneLabel(zone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' }).formatToParts(at)
  return parts.find(part => part.type === 'timeZoneName')?.value ?? zone
}

/** `2026-11-21 12:02:41.318` in a zone; a text that is no time is returned as it is. */
export function localTime(iso: string, zone: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const part = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(one => [one.type, one.value]),
  )
  const get = (type: Intl.DateTimeFormatPartTypes): string => part.get(type) ?? ''
  const day = `${yearOf(get('year'), get('era'))}-${get('month')}-${get('day')}`
  return `${day} ${get('hour')}:${get('minute')}:${get('second')}.${get('fractionalSecond')}`
}

/** The same without the day when it is today, for the narrow column of a list. */
export function listTime(iso: string, zone: string, now: Date): string {
  const text = localTime(iso, zone)
  const today = localTime(now.toISOString(), zone).slice(0, 10)
  // Another day: the date is worth more than the milliseconds.
  return text.startsWith(`${today} `) ? text.slice(11) : text.replace(/\.\d+$/, '')
}

/** Years as ISO 8601 counts them: 1 BC is the year 0000. */
function yearOf(year: string, era: string): string {
  const value = era.startsWith('B') ? 1 - Number(year) : Number(year)
  return `${value < 0 ? '-' : ''}${String(Math.abs(value)).padStart(4, '0')}`
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = ZONED.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  })
  ZONED.set(zone, made)
  return made
}
