import { resolve } from 'node:path'
import type { ArchiveSpec } from 'annals/lifecycle'
import { UsageFailure } from '../failure/failure.ts'

/** Flags that say more of an archive than its place does. */
export interface ArchiveFlags {
  readonly prefix?: string
  readonly endpoint?: string
  readonly region?: string
  readonly mode?: string
  readonly lock?: string
}

/** Where an archive is, and what stands in front of the names in it. */
export interface ArchivePlace {
  readonly archive: ArchiveSpec
  readonly prefix?: string
}

const FORM = 'Write it as dir:PATH, or as s3://BUCKET/PREFIX.'
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/**
 * Reads a place such as `dir:/var/archive` or `s3://audit/eu`. Credentials have no flag: they come from where the AWS SDK looks for
 * them.
 *
 * @param flag that it was given with, for messages
 * @throws UsageFailure
 */
export function archivePlaceOf(
  flag: string,
  text: string,
  flags: ArchiveFlags,
  env: Readonly<Record<string, string | undefined>>,
): ArchivePlace {
  if (text.startsWith('s3://')) return inS3(flag, text, flags, env)
  const strange = (['endpoint', 'region', 'mode', 'lock'] as const).find(name => flags[name] !== undefined)
  if (strange !== undefined)
    throw new UsageFailure(`--${strange} is for s3:// only`, { hint: 'Leave it out for a directory.' })
  const path = text.startsWith('dir:') ? text.slice('dir:'.length) : text
  if (path === '' || /^[a-z0-9]+:/i.test(path))
    throw new UsageFailure(`${flag}: "${text}" is no place of an archive`, { hint: FORM })
  // The process that holds the log may have another working directory.
  return { archive: { kind: 'directory', dir: resolve(path) }, ...prefixed(flags.prefix) }
}

function inS3(
  flag: string,
  text: string,
  { prefix, endpoint: given, region, mode, lock }: ArchiveFlags,
  env: Readonly<Record<string, string | undefined>>,
): ArchivePlace {
  const [bucket = '', ...path] = text.slice('s3://'.length).split('/')
  const inner = path.join('/')
  if (!BUCKET.test(bucket)) throw new UsageFailure(`${flag}: "${text}" names no bucket`, { hint: FORM })
  if (inner !== '' && prefix !== undefined)
    throw new UsageFailure('a prefix in the place and --prefix', { hint: 'Give it once.' })
  const endpoint = given ?? env['AWS_ENDPOINT_URL_S3']
  return {
    archive: {
      kind: 's3',
      bucket,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(region === undefined ? {} : { region }),
      ...(mode === undefined ? {} : { mode: oneOf('--mode', mode, ['governance', 'compliance'] as const) }),
      ...(lock === undefined ? {} : { lock: oneOf('--lock', lock, ['required', 'none'] as const) }),
    },
    ...prefixed(prefix ?? (inner === '' ? undefined : inner)),
  }
}

function oneOf<Value extends string>(flag: string, given: string, known: readonly Value[]): Value {
  const found = known.find(value => value === given)
  if (found === undefined)
    throw new UsageFailure(`${flag}: unknown value "${given}"`, { choice: { given, known } })
  return found
}

function prefixed(prefix: string | undefined): { readonly prefix?: string } {
  return prefix === undefined ? {} : { prefix }
}
