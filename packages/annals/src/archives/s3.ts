import { createHash } from 'node:crypto'
import {
  type Archive,
  type ArchiveContent,
  type ArchivedObject,
  checkObjectName,
  type LockMode,
} from '../lifecycle/archive/archive.ts'
import { AnnalsError } from '../model/index.ts'

/** Options of {@link openS3Archive}. Credentials come from where the AWS SDK looks for them: environment, profile, instance role. */
export interface S3ArchiveOptions {
  /** It must exist, with versioning and Object Lock. */
  readonly bucket: string
  /** @defaultValue the SDK's: `AWS_REGION`, the profile; `us-east-1` with an endpoint of its own */
  readonly region?: string | undefined
  /** URL of a server other than AWS. @defaultValue the SDK's: `AWS_ENDPOINT_URL_S3` */
  readonly endpoint?: string | undefined
  /** `https://host/bucket/name` instead of `https://bucket.host/name`. @defaultValue true with an endpoint of its own */
  readonly forcePathStyle?: boolean | undefined
  /** How objects are locked. @defaultValue `governance` */
  readonly mode?: LockMode | undefined
  /** `none` takes a bucket that cannot lock: then nothing refuses that an object is deleted. @defaultValue `required` */
  readonly lock?: 'required' | 'none' | undefined
  /** Longest wait for an answer, in milliseconds. @defaultValue 60000 */
  readonly timeoutMs?: number | undefined
  /** Tries of a request. @defaultValue 4 */
  readonly attempts?: number | undefined
  /** Bytes sent at a time, at least 5 MiB; larger objects go in so many parts. @defaultValue 16 MiB */
  readonly partBytes?: number | undefined
}

const PART_BYTES = 16 * 1024 * 1024
/** S3 takes at most 10,000 parts. */
const MOST_PARTS = 9_000

/**
 * Opens a bucket as an archive. Needs the package `@aws-sdk/client-s3`, version 3.
 *
 * @throws AnnalsError ANNALS_UNSUPPORTED without the package, or for a bucket without Object Lock; ANNALS_NOT_FOUND without the bucket
 * @example
 * ```ts
 * const archive = await openS3Archive({ bucket: 'audit', mode: 'compliance' })
 * ```
 */
export async function openS3Archive(options: S3ArchiveOptions): Promise<Archive> {
  const sdk = await loadSdk()
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']
  const region = options.region ?? (endpoint === undefined ? undefined : regionBeside(process.env))
  const timeout = options.timeoutMs ?? 60_000
  const client = new sdk.S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    maxAttempts: options.attempts ?? 4,
    // Servers other than AWS do not know the trailing checksums that newer SDKs send; every body has its MD5.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(timeout, 10_000),
      requestTimeout: timeout,
      socketTimeout: timeout,
    },
  })
  const archive = new S3Archive(client, sdk, options)
  try {
    await archive.check()
    return archive
  } catch (error) {
    client.destroy()
    throw error
  }
}

function regionBeside(env: NodeJS.ProcessEnv): string | undefined {
  return env['AWS_REGION'] === undefined && env['AWS_DEFAULT_REGION'] === undefined ? 'us-east-1' : undefined
}

async function loadSdk() {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (cause) {
    throw new AnnalsError('ANNALS_UNSUPPORTED', 'Archives in S3 need the package @aws-sdk/client-s3.', {
      cause,
      hint: 'Run "npm install @aws-sdk/client-s3", in the process that holds the log.',
    })
  }
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>
type Client = InstanceType<Sdk['S3Client']>

class S3Archive implements Archive {
  readonly #client: Client
  readonly #sdk: Sdk
  readonly #bucket: string
  readonly #mode: LockMode
  readonly #locks: boolean
  readonly #partBytes: number
  readonly #where: string

  constructor(client: Client, sdk: Sdk, options: S3ArchiveOptions) {
    this.#client = client
    this.#sdk = sdk
    this.#bucket = options.bucket
    this.#mode = options.mode ?? 'governance'
    this.#locks = options.lock !== 'none'
    this.#partBytes = options.partBytes ?? PART_BYTES
    this.#where = `s3://${options.bucket}`
  }

  describe(): string {
    return this.#where
  }

  /** @throws AnnalsError when the bucket is not there or cannot lock although it must */
  async check(): Promise<void> {
    const { HeadBucketCommand, GetObjectLockConfigurationCommand } = this.#sdk
    const bucket = { Bucket: this.#bucket }
    await this.#ask('reading the bucket', () => this.#client.send(new HeadBucketCommand(bucket)))
    if (!this.#locks) return
    const lock = await this.#ask('reading its Object Lock', () =>
      this.#client.send(new GetObjectLockConfigurationCommand(bucket)).catch((error: unknown) => {
        if (nameOf(error) === 'ObjectLockConfigurationNotFoundError' || statusOf(error) === 404)
          return undefined
        throw error
      }),
    )
    if (lock?.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled') return
    throw new AnnalsError('ANNALS_UNSUPPORTED', `The bucket ${this.#where} has no Object Lock.`, {
      hint: "Make a bucket with Object Lock, or say lock: 'none' (--lock none): then nothing refuses that an object is deleted.",
    })
  }

  async put(name: string, content: ArchiveContent): Promise<void> {
    checkObjectName(name)
    // Ceph ignores If-None-Match on buckets with versions, so that a second put would hide the first.
    if ((await this.head(name)) !== undefined) throw taken(name)
    const put = { Bucket: this.#bucket, Key: name, ...this.#lockUntil(content.retainUntil) }
    const metadata = { sha256: content.sha256 }
    const size = Math.max(this.#partBytes, Math.ceil(content.bytes / MOST_PARTS))
    await this.#ask(`writing ${name}`, async () => {
      if (content.bytes <= size) await this.#putWhole({ ...put, Metadata: metadata }, content, name)
      else await this.#putInParts({ ...put, Metadata: metadata }, content, size, name)
    })
  }

  async *get(name: string): AsyncIterable<Uint8Array> {
    checkObjectName(name)
    const { GetObjectCommand } = this.#sdk
    const answer = await this.#ask(`reading ${name}`, () =>
      this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: name })),
    )
    const body = answer.Body as AsyncIterable<Uint8Array> | undefined
    if (body === undefined) return
    try {
      yield* body
    } catch (error) {
      throw this.#failed(`reading ${name}`, error)
    }
  }

  async head(name: string): Promise<ArchivedObject | undefined> {
    checkObjectName(name)
    const { HeadObjectCommand } = this.#sdk
    const found = await this.#ask(`looking at ${name}`, () =>
      this.#client
        .send(new HeadObjectCommand({ Bucket: this.#bucket, Key: name }))
        .catch((error: unknown) => {
          if (statusOf(error) === 404) return undefined
          throw error
        }),
    )
    if (found === undefined) return undefined
    const { ObjectLockRetainUntilDate: until, ObjectLockMode: mode } = found
    const sha256 = found.Metadata?.['sha256']
    return {
      name,
      bytes: found.ContentLength ?? 0,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(until === undefined || until.getTime() <= Date.now() ? {} : { retainUntil: until.getTime() }),
      ...(mode === undefined ? {} : { mode: mode === 'COMPLIANCE' ? 'compliance' : 'governance' }),
    }
  }

  async *list(prefix: string): AsyncIterable<ArchivedObject> {
    const { ListObjectsV2Command } = this.#sdk
    let next: string | undefined
    do {
      const page = await this.#ask('listing', () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: prefix,
            ...(next === undefined ? {} : { ContinuationToken: next }),
          }),
        ),
      )
      for (const { Key, Size } of page.Contents ?? [])
        if (Key !== undefined) yield { name: Key, bytes: Size ?? 0 }
      next = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (next !== undefined)
  }

  async retain(name: string, until: number): Promise<void> {
    const found = await this.head(name)
    if (found === undefined) throw absent(name)
    if (!this.#locks || until <= Math.max(found.retainUntil ?? 0, Date.now())) return
    const { PutObjectRetentionCommand } = this.#sdk
    // A lock in compliance mode can be lengthened and never be weakened.
    const mode = found.mode === 'compliance' || this.#mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE'
    await this.#ask(`locking ${name}`, () =>
      this.#client.send(
        new PutObjectRetentionCommand({
          Bucket: this.#bucket,
          Key: name,
          Retention: { Mode: mode, RetainUntilDate: wholeSecond(until) },
        }),
      ),
    )
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  #lockUntil(until: number | undefined) {
    if (!this.#locks || until === undefined || until <= Date.now()) return {}
    const mode: 'COMPLIANCE' | 'GOVERNANCE' = this.#mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE'
    return { ObjectLockMode: mode, ObjectLockRetainUntilDate: wholeSecond(until) }
  }

  async #putWhole(put: PutTarget, content: ArchiveContent, name: string): Promise<void> {
    const { PutObjectCommand } = this.#sdk
    const bytes = Buffer.concat(await Array.fromAsync(checked(content, name)))
    await this.#client.send(
      new PutObjectCommand({
        ...put,
        Body: bytes,
        ContentLength: bytes.length,
        ContentMD5: md5(bytes),
        IfNoneMatch: '*',
      }),
    )
  }

  async #putInParts(put: PutTarget, content: ArchiveContent, size: number, name: string): Promise<void> {
    const {
      AbortMultipartUploadCommand,
      CompleteMultipartUploadCommand,
      CreateMultipartUploadCommand,
      UploadPartCommand,
    } = this.#sdk
    const { Bucket, Key } = put
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(put))
    const upload = { Bucket, Key, UploadId }
    try {
      const parts: { ETag: string | undefined; PartNumber: number }[] = []
      for await (const bytes of inPieces(checked(content, name), size)) {
        const PartNumber = parts.length + 1
        const { ETag } = await this.#client.send(
          new UploadPartCommand({
            ...upload,
            PartNumber,
            Body: bytes,
            ContentLength: bytes.length,
            ContentMD5: md5(bytes),
          }),
        )
        parts.push({ ETag, PartNumber })
      }
      await this.#client.send(
        new CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: parts },
          IfNoneMatch: '*',
        }),
      )
    } catch (error) {
      // What was sent is no object and nobody sees it; a bucket's own rule removes it should this fail, too.
      await this.#client.send(new AbortMultipartUploadCommand(upload)).catch(() => {})
      throw error
    }
  }

  async #ask<T>(doing: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw this.#failed(doing, error)
    }
  }

  #failed(doing: string, error: unknown): Error {
    if (error instanceof AnnalsError) return error
    const status = statusOf(error)
    const name = nameOf(error)
    if (status === 412 || status === 409) return taken(doing.replace(/^writing /, ''))
    if (status === 404)
      return new AnnalsError(
        'ANNALS_NOT_FOUND',
        `Not in the archive ${this.#where}: ${doing} found nothing.`,
        {
          cause: error,
        },
      )
    // The SDK's own messages may quote a request with its headers; name and status say enough.
    return new AnnalsError(
      'ANNALS_STORE',
      `The archive ${this.#where} failed at ${doing}: ${name}${status === undefined ? '' : ` (${status})`}.`,
      { cause: error, hint: hintFor(name, status) },
    )
  }
}

interface PutTarget {
  readonly Bucket: string
  readonly Key: string
  readonly Metadata: Record<string, string>
  readonly ObjectLockMode?: 'COMPLIANCE' | 'GOVERNANCE'
  readonly ObjectLockRetainUntilDate?: Date
}

/** The bytes of an object; fails at the end when they are not those that were announced. */
async function* checked(content: ArchiveContent, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of content.open()) {
    hash.update(piece)
    bytes += piece.length
    yield piece
  }
  if (bytes !== content.bytes || hash.digest('base64url') !== content.sha256)
    throw new AnnalsError('ANNALS_STORE', `${name}: the bytes are not those that were announced.`)
}

/** The same bytes in pieces of one size, but for the last. */
async function* inPieces(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + size - length)
      held.push(part)
      length += part.length
      at += part.length
      if (length < size) continue
      yield Buffer.concat(held, length)
      held = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(held, length)
}

/** Servers keep whole seconds and cut the rest off: a lock may be longer than asked, never shorter. */
function wholeSecond(time: number): Date {
  return new Date(Math.ceil(time / 1000) * 1000)
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode
}

function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: string; code?: string }
  return code ?? name ?? 'an unknown error'
}

function hintFor(name: string, status: number | undefined): string {
  if (name === 'CredentialsProviderError')
    return 'Give credentials as the AWS SDK takes them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role.'
  return status === 403 || status === 401
    ? 'The credentials are not those of this bucket, or may not do this; the archive needs s3:PutObject, GetObject, ListBucket, PutObjectRetention, GetObjectRetention and GetBucketObjectLockConfiguration.'
    : 'Nothing was removed; try again.'
}

function taken(name: string): AnnalsError {
  return new AnnalsError('ANNALS_CONFLICT', `${name} is in the archive already.`, {
    hint: 'An archive is written once; nothing in it is replaced.',
  })
}

function absent(name: string): AnnalsError {
  return new AnnalsError('ANNALS_NOT_FOUND', `${name} is not in the archive.`)
}
