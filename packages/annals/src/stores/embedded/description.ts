import { randomBytes } from 'node:crypto'
import { PERIODS } from '../../log/period.ts'
import type { Period } from '../../log/store.ts'
import { AnnalsError } from '../../model/index.ts'
import { readIfThere, replaceFile } from './files.ts'
import type { Layout } from './layout.ts'

/** Format of the directory that this version writes. */
export const DIRECTORY_FORMAT = 1

/** What `annals.json` says of a log. Nothing secret. */
export interface Description {
  readonly format: number
  readonly origin: string
  readonly period: Period
  /** ISO 8601 UTC. */
  readonly created: string
  /** The recorder's own name: 16 hex characters, chosen once. */
  readonly recorder: string
  /** Set in a copy that was made of an archive: nobody may write it. */
  readonly restored?: RestoredFrom
}

/** Where a read-only copy comes from, and which positions it has. */
export interface RestoredFrom {
  readonly from: string
  readonly lo: number
  readonly hi: number
}

/** Reads the description; undefined when the directory holds no log. */
export async function readDescription(layout: Layout): Promise<Description | undefined> {
  const bytes = await readIfThere(layout.description)
  if (bytes === undefined) return undefined
  let value: Partial<Description>
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new AnnalsError('ANNALS_CORRUPT', `${layout.description} is no JSON.`, {
      cause,
      hint: 'Restore the file from a copy.',
    })
  }
  if (value.format !== DIRECTORY_FORMAT) {
    throw new AnnalsError(
      'ANNALS_FORMAT',
      `${layout.dir} has format ${value.format}; this version reads ${DIRECTORY_FORMAT}.`,
      {
        hint: 'Use a version of annals that knows this format.',
      },
    )
  }
  if (
    typeof value.origin !== 'string' ||
    !PERIODS.includes(value.period as Period) ||
    typeof value.recorder !== 'string'
  ) {
    throw new AnnalsError('ANNALS_CORRUPT', `${layout.description} lacks a field.`, {
      hint: 'Restore the file from a copy.',
    })
  }
  return value as Description
}

/** Describes a new log. */
export async function createDescription(
  layout: Layout,
  options: { readonly origin?: string | undefined; readonly period?: Period | undefined },
): Promise<Description> {
  const origin = options.origin ?? `annals.local/${randomBytes(6).toString('hex')}`
  if (!/^[^\s+\p{Cc}]{1,200}$/u.test(origin)) {
    throw new TypeError(`origin ${JSON.stringify(origin)}: 1 to 200 characters without space, control or "+"`)
  }
  const period = checkedPeriod(options.period ?? 'day')
  const description: Description = {
    format: DIRECTORY_FORMAT,
    origin,
    period,
    created: new Date().toISOString(),
    recorder: randomBytes(8).toString('hex'),
  }
  await replaceFile(layout.description, `${JSON.stringify(description, null, 2)}\n`)
  return description
}

/** Describes a read-only copy of archived chunks. */
export async function describeRestored(
  layout: Layout,
  of: { readonly origin: string; readonly period: Period; readonly restored: RestoredFrom },
): Promise<void> {
  const { origin, period, restored } = of
  const created = new Date().toISOString()
  const description: Description = {
    format: DIRECTORY_FORMAT,
    origin,
    period,
    created,
    recorder: '0'.repeat(16),
    restored,
  }
  await replaceFile(layout.description, `${JSON.stringify(description, null, 2)}\n`)
}

/** Refuses to write a copy that was made of an archive. @throws AnnalsError ANNALS_UNSUPPORTED */
export function requireWritable(layout: Layout, { restored }: Description): void {
  if (restored === undefined) return
  throw new AnnalsError(
    'ANNALS_UNSUPPORTED',
    `${layout.dir} is a read-only copy, restored from ${restored.from}.`,
    {
      hint: 'Read it with openReader or the commands that read; record into the log itself.',
    },
  )
}

/** Gives a log another chunk period, from the next chunk on. */
export async function changePeriod(layout: Layout, known: Description, period: Period): Promise<Description> {
  const description = { ...known, period: checkedPeriod(period) }
  await replaceFile(layout.description, `${JSON.stringify(description, null, 2)}\n`)
  return description
}

function checkedPeriod(period: Period): Period {
  if (!PERIODS.includes(period))
    throw new TypeError(`period ${JSON.stringify(period)}: one of ${PERIODS.join(', ')}`)
  return period
}
