import type { Period } from './store.ts'

/** Every chunk period. */
export const PERIODS: readonly Period[] = ['hour', 'day', 'month']

/** Name of the period that holds a time: `2026-11-21_13`, `2026-11-21` or `2026-11`, UTC. */
export function periodName(period: Period, time: number): string {
  const iso = new Date(time).toISOString()
  if (period === 'month') return iso.slice(0, 7)
  return period === 'day' ? iso.slice(0, 10) : `${iso.slice(0, 10)}_${iso.slice(11, 13)}`
}

/** The first instant after the period that holds a time, in ms since the epoch. */
export function periodEnd(period: Period, time: number): number {
  const date = new Date(time)
  const [year, month, day, hour] = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
  ]
  if (period === 'month') return Date.UTC(year, month + 1)
  return period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month, day, hour + 1)
}
