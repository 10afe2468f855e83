import type { AuditEvent, Draft } from 'annals'
import { annals } from './spawn.ts'

/** Drafts as `annals emit` reads them. */
export function ndjson(drafts: readonly unknown[]): string {
  return drafts.map(draft => `${JSON.stringify(draft)}\n`).join('')
}

/** Small drafts of one action after another: `test.event` by user u0, u1, u2, u0 … on machines m0, m1, …. */
export function someDrafts(count: number): Draft[] {
  return Array.from({ length: count }, (_, nth) => ({
    action: 'test.event',
    actor: { type: 'user', id: `u${nth % 3}` },
    targets: [{ type: 'machine', id: `m${nth}` }],
    outcome: nth % 5 === 0 ? 'denied' : 'success',
  }))
}

/** Records drafts in a directory with `annals emit` and returns what it answered. */
export async function recordInto(
  dir: string,
  drafts: readonly unknown[],
): Promise<{ id: string; index: number }[]> {
  const { code, stdout, stderr } = await annals(['emit', '--dir', dir, '-o', 'ndjson', '-q'], {
    stdin: ndjson(drafts),
  })
  if (code !== 0) throw new Error(`emit exited ${code}: ${stderr}`)
  return linesOf(stdout) as { id: string; index: number }[]
}

/** The values of ndjson. */
export function linesOf(text: string): unknown[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as unknown)
}

/** The events of ndjson. */
export function eventsOf(text: string): AuditEvent[] {
  return linesOf(text) as AuditEvent[]
}
