import { archivePrefix } from '../../log/archive-path.ts'
import { invalidRequest, type Members, optionalText, requestMembers, requiredText } from '../act-request.ts'
import type { ArchiveSpec } from './archive.ts'

/** What the act `archive` is asked for. */
export interface ArchiveRequest {
  readonly archive: ArchiveSpec
  /** In front of the names of all objects; a slash follows. @defaultValue none */
  readonly prefix?: string
  /** Removes the content of an archived chunk from the log once its last entry is so many seconds old. @defaultValue never */
  readonly dropAfter?: number
  /** First position of the only chunk that is meant. @defaultValue all that are sealed */
  readonly only?: number
}

/** @throws AnnalsError ANNALS_INVALID with the path */
export function readArchiveRequest(value: unknown): ArchiveRequest {
  const members = requestMembers(value, ['archive', 'prefix', 'dropAfter', 'only'])
  const prefix = optionalText(members, 'prefix')
  try {
    archivePrefix(prefix)
  } catch (error) {
    throw invalidRequest('/prefix', `is none: ${(error as Error).message}`)
  }
  const dropAfter = optionalCount(members, 'dropAfter')
  const only = optionalCount(members, 'only')
  return {
    archive: readArchiveSpec(members['archive']),
    ...(prefix === undefined ? {} : { prefix }),
    ...(dropAfter === undefined ? {} : { dropAfter }),
    ...(only === undefined ? {} : { only }),
  }
}

const S3_MEMBERS = ['kind', 'bucket', 'region', 'endpoint', 'forcePathStyle', 'mode', 'lock']

/** Reads where an archive is; refuses whatever else it says, so that no credential travels in a request. */
function readArchiveSpec(value: unknown): ArchiveSpec {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind
  if (kind === 'directory') {
    const { dir } = requestMembers(value, ['kind', 'dir'], '/archive')
    if (typeof dir !== 'string' || dir === '') throw invalidRequest('/archive/dir', 'must be a text')
    return { kind, dir }
  }
  if (kind !== 's3') throw invalidRequest('/archive/kind', 'must be "directory" or "s3"')
  const members = requestMembers(value, S3_MEMBERS, '/archive')
  const { forcePathStyle, mode, lock } = members
  if (forcePathStyle !== undefined && typeof forcePathStyle !== 'boolean')
    throw invalidRequest('/archive/forcePathStyle', 'must be true or false')
  if (mode !== undefined && mode !== 'governance' && mode !== 'compliance')
    throw invalidRequest('/archive/mode', 'must be "governance" or "compliance"')
  if (lock !== undefined && lock !== 'required' && lock !== 'none')
    throw invalidRequest('/archive/lock', 'must be "required" or "none"')
  const [region, endpoint] = [optionalText(members, 'region'), readEndpoint(members)]
  return {
    kind,
    bucket: requiredText(members, 'bucket'),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
    ...(mode === undefined ? {} : { mode }),
    ...(lock === undefined ? {} : { lock }),
  }
}

function readEndpoint(members: Members): string | undefined {
  const text = optionalText(members, 'endpoint')
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw invalidRequest('/archive/endpoint', 'must be an http or https URL')
  if (url.username !== '' || url.password !== '')
    throw invalidRequest(
      '/archive/endpoint',
      'must not have a password in it',
      'Credentials come from the environment.',
    )
  return text
}

function optionalCount(members: Members, name: string): number | undefined {
  const value = members[name]
  if (value === undefined) return undefined
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw invalidRequest(`/${name}`, 'must be a whole number from 0')
  return value as number
}
