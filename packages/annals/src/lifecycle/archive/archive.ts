/** How an archive refuses that an object goes before its time. `compliance` binds its owner, too. */
export type LockMode = 'governance' | 'compliance'

/** An object as an archive holds it. */
export interface ArchivedObject {
  /** Its whole name: segments joined by `/`. */
  readonly name: string
  readonly bytes: number
  /** SHA-256 (base64url) that it was put with, where the archive keeps that. */
  readonly sha256?: string | undefined
  /** Until when it is locked, ms since the epoch; undefined when it is not. */
  readonly retainUntil?: number | undefined
  /** How it is locked. */
  readonly mode?: LockMode | undefined
}

/** An object to be put. */
export interface ArchiveContent {
  readonly bytes: number
  /** base64url. */
  readonly sha256: string
  /** Begins the bytes anew at each call. */
  open(): AsyncIterable<Uint8Array>
  /** Until when it is to be locked, ms since the epoch; absent or in the past, it is not. */
  readonly retainUntil?: number | undefined
}

/**
 * A write-once place for sealed chunks.
 *
 * Laws. `put` is all or nothing and durable when it resolves; it refuses a name that is taken with ANNALS_CONFLICT, whatever
 * the bytes, and bytes that are not of their size and hash with ANNALS_STORE. `get`, `head` and `list` see what was put. No
 * operation removes or changes anything; `retain` only lengthens. Names are hostile to nobody: no name leads out of the archive.
 */
export interface Archive {
  /** What to say of the archive, never with a credential: `dir:/var/archive` or `s3://bucket`. The same for the same place. */
  describe(): string
  put(name: string, content: ArchiveContent): Promise<void>
  /** The bytes of an object. @throws AnnalsError ANNALS_NOT_FOUND */
  get(name: string): AsyncIterable<Uint8Array>
  head(name: string): Promise<ArchivedObject | undefined>
  /** Objects whose names begin with a text, in the order of names. Hashes and locks need not be there; `head` has them. */
  list(prefix: string): AsyncIterable<ArchivedObject>
  /** Locks an object at least until then, ms since the epoch. An earlier time changes nothing. @throws AnnalsError ANNALS_NOT_FOUND */
  retain(name: string, until: number): Promise<void>
  close(): Promise<void>
}

/** Where an archive is; plain data that a request carries. Credentials never stand here: they come from the environment. */
export type ArchiveSpec =
  | { readonly kind: 'directory'; readonly dir: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      readonly region?: string | undefined
      /** URL of a server other than AWS. */
      readonly endpoint?: string | undefined
      /** `https://host/bucket/name` instead of `https://bucket.host/name`. */
      readonly forcePathStyle?: boolean | undefined
      /** How objects are locked. @defaultValue `governance` */
      readonly mode?: LockMode | undefined
      /** `none`: the bucket cannot lock, and that is known. @defaultValue `required` */
      readonly lock?: 'required' | 'none' | undefined
    }

const NAME = /^(?!.*\/\/)[^/\p{Cc}\\][^\p{Cc}\\]{0,1023}$/u

/**
 * Refuses a name that no archive may have: empty, too long, with a control character, or with a segment `.` or `..`.
 *
 * @throws TypeError
 */
export function checkObjectName(name: string): void {
  if (!NAME.test(name) || name.endsWith('/') || name.split('/').some(part => part === '.' || part === '..'))
    throw new TypeError(
      `object name ${JSON.stringify(name)}: segments joined by "/", at most 1,024 characters`,
    )
}
