import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Catalog, EventType } from 'annals'
import { Failure, UsageFailure } from '../failure/failure.ts'

/** Event types of a module, and the retention classes when it exports a catalog. */
export interface LoadedTypes {
  readonly types: readonly EventType[]
  readonly retention: Catalog['retention'] | undefined
}

/**
 * The event types that a module exports: by themselves, in arrays at any depth, or in a catalog; each action once. The module is a
 * file, or a package as the current directory sees it.
 *
 * @throws Failure exit 4 when there is no such module, exit 1 when it cannot be loaded; UsageFailure when it exports no event type
 */
export async function loadTypes(module: string, cwd: string = process.cwd()): Promise<LoadedTypes> {
  const exported = Object.values(await load(module, cwd))
  const catalogs = exported.filter(isCatalog)
  const types = [...exported, ...catalogs.map(({ types }) => types)].flatMap(typesIn)
  if (types.length === 0)
    throw new UsageFailure(`${module} exports no event type`, {
      why: 'none of its exports is made by defineEvent or catalog, or is an array of such',
      hint: 'Export the catalog, or the event types, from the module.',
    })
  return {
    types: [...new Map(types.map(type => [type.action, type])).values()],
    retention: catalogs.length === 0 ? undefined : Object.assign({}, ...catalogs.map(one => one.retention)),
  }
}

async function load(module: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const url = locate(module, cwd)
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new Failure(`cannot load ${module}`, {
      exit: 1,
      code: 'MODULE',
      why: cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause),
      hint: 'Node.js must be able to import it: JavaScript, or TypeScript that only needs its types taken out.',
      cause,
    })
  }
}

function locate(module: string, cwd: string): string {
  const file = resolve(cwd, module)
  if (existsSync(file)) return pathToFileURL(file).href
  try {
    return pathToFileURL(createRequire(join(cwd, 'annals.js')).resolve(module)).href
  } catch (cause) {
    throw new Failure(`no module ${module}`, {
      exit: 4,
      code: 'ANNALS_NOT_FOUND',
      why: `there is no such file, and no such package in ${cwd}`,
      hint: 'Give a file, such as ./src/events.ts, or a package, such as annals/catalogs/warehouse.',
      cause,
    })
  }
}

function typesIn(value: unknown): readonly EventType[] {
  if (Array.isArray(value)) return value.flatMap(typesIn)
  return isType(value) ? [value] : []
}

function isType(value: unknown): value is EventType {
  if (typeof value !== 'object' || value === null) return false
  const { action, version, persons } = value as Partial<EventType>
  return typeof action === 'string' && typeof version === 'number' && Array.isArray(persons)
}

function isCatalog(value: unknown): value is Catalog {
  if (typeof value !== 'object' || value === null) return false
  const { types, manifest, retention } = value as Partial<Catalog>
  return Array.isArray(types) && typeof manifest === 'function' && typeof retention === 'object'
}
