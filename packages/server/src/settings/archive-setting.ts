import { resolve } from 'node:path'
import type { ArchiveRequest } from 'annals/lifecycle'
import { z } from 'zod'
import { webAddressSchema } from './values.ts'

const DAY_SECONDS = 86_400
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/** Where sealed chunks are archived, and when. Credentials come from the environment, as the AWS SDK looks for them. */
export const archiveSchema = z
  .strictObject({
    to: z
      .string()
      .min(1)
      .max(1024)
      .refine(text => placeOf(text) !== undefined, 'must be dir:PATH or s3://BUCKET/PREFIX')
      .describe('Where sealed chunks are archived: dir:PATH or s3://BUCKET/PREFIX. Absent, nowhere.'),
    everyMinutes: z.int().min(1).max(10_080).default(60).describe('How often, in minutes.'),
    dropAfterDays: z
      .int()
      .min(0)
      .max(36_500)
      .optional()
      .describe('Days after which the content of an archived chunk is removed from the log. Absent, never.'),
    endpoint: webAddressSchema.optional().describe('S3 server other than AWS.'),
    region: z.string().min(1).max(64).optional().describe('Region of the bucket.'),
    mode: z
      .enum(['governance', 'compliance'])
      .optional()
      .describe('How objects in S3 are locked: governance unless told.'),
    lock: z
      .enum(['required', 'none'])
      .optional()
      .describe('none takes a bucket that cannot lock: required unless told.'),
  })
  .superRefine((value, context) => {
    if (!value.to.startsWith('dir:')) return
    for (const name of ['endpoint', 'region', 'mode', 'lock'] as const)
      if (value[name] !== undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is for s3:// only' })
  })

/** Where and when to archive. */
export type ArchiveSetting = z.output<typeof archiveSchema>

/** What the act `archive` is asked for on behalf of the settings. */
export function archiveRequestOf(setting: ArchiveSetting): ArchiveRequest {
  const { to, dropAfterDays, endpoint, region, mode, lock } = setting
  const place = placeOf(to)
  if (place === undefined) throw new TypeError('archive.to: checked before')
  const archive: ArchiveRequest['archive'] =
    'dir' in place
      ? // The working directory of a server is nobody's promise.
        { kind: 'directory', dir: resolve(place.dir) }
      : {
          kind: 's3',
          bucket: place.bucket,
          ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
          ...(region === undefined ? {} : { region }),
          ...(mode === undefined ? {} : { mode }),
          ...(lock === undefined ? {} : { lock }),
        }
  return {
    archive,
    ...('prefix' in place && place.prefix !== '' ? { prefix: place.prefix } : {}),
    ...(dropAfterDays === undefined ? {} : { dropAfter: dropAfterDays * DAY_SECONDS }),
  }
}

function placeOf(text: string): { dir: string } | { bucket: string; prefix: string } | undefined {
  if (text.startsWith('dir:') && text.length > 4) return { dir: text.slice(4) }
  if (!text.startsWith('s3://')) return undefined
  const [bucket = '', ...path] = text.slice('s3://'.length).split('/')
  return BUCKET.test(bucket) ? { bucket, prefix: path.join('/') } : undefined
}
