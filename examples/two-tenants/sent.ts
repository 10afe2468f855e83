import { createReadStream, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { cloudtrail, github, okta } from './made-up.ts'

/** Records that a company sends. */
export interface Sent {
  readonly importer: 'cloudtrail' | 'github' | 'okta'
  /** How many events are recorded of it: files repeat records on purpose, and hold some that lack a time. */
  readonly events: number
  open(): AsyncIterable<Uint8Array>
}

/** What both companies send, and how many of the events are failures. */
export interface Sending {
  readonly about: string
  readonly acme: readonly Sent[]
  readonly umbra: readonly Sent[]
  readonly failures: { readonly acme: number; readonly umbra: number }
}

/** Real records where they are there, else made-up ones. */
export function sending(): Sending {
  const folder = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')
  return existsSync(folder) ? real(folder) : madeUp()
}

function real(folder: string): Sending {
  const file = (name: string) => (): AsyncIterable<Uint8Array> => createReadStream(join(folder, name))
  return {
    about: 'real records',
    acme: [{ importer: 'cloudtrail', events: 2900, open: file('aws-cloudtrail-invictus.ndjson') }],
    umbra: [
      { importer: 'github', events: 56, open: file('panther/github-audit.ndjson') },
      { importer: 'okta', events: 14, open: file('panther/okta-systemlog.ndjson') },
    ],
    failures: { acme: 300, umbra: 6 },
  }
}

function madeUp(): Sending {
  const lines = (records: Iterable<object>) => (): AsyncIterable<Uint8Array> =>
    Readable.from(Array.from(records, record => Buffer.from(`${JSON.stringify(record)}\n`)))
  return {
    about: 'made-up records; ANNALS_TEST_DATA names a folder with real ones',
    acme: [{ importer: 'cloudtrail', events: 400, open: lines(cloudtrail(400)) }],
    umbra: [
      { importer: 'github', events: 50, open: lines(github(50)) },
      { importer: 'okta', events: 20, open: lines(okta(20)) },
    ],
    failures: { acme: 100, umbra: 10 },
  }
}
