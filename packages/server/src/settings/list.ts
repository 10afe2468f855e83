import { z } from 'zod'
import { settingsSchema } from './settings.ts'

/** How the text of a flag or variable becomes a value. A `list` is separated by commas, `json` is what has members of its own. */
export type SettingKind = 'text' | 'number' | 'switch' | 'list' | 'json'

/** One setting. */
export interface Setting {
  /** Place in the file, dotted: `limits.body`. */
  readonly path: string
  /** `ANNALS_SERVER_LIMITS_BODY`. */
  readonly variable: string
  /** `--limits-body`. */
  readonly flag: string
  readonly kind: SettingKind
  readonly description: string
  /** What is taken, where that is a list of words. */
  readonly choice?: readonly string[]
  /** As JSON; absent where there is none. */
  readonly standard?: string
  /** Never shown. */
  readonly secret: boolean
}

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly enum?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly secret?: boolean
}

/** In front of the names of all variables. */
export const VARIABLE_PREFIX = 'ANNALS_SERVER_'

/** Every setting, by place. A field of the schema with `meta({ secret: true })` is never shown. */
export const SETTINGS: readonly Setting[] = settingsOf(
  z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Schema,
)

function settingsOf(schema: Schema, at: readonly string[] = []): readonly Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const path = [...at, name]
    return inner.properties === undefined ? [settingOf(inner, path)] : settingsOf(inner, path)
  })
}

function settingOf(schema: Schema, path: readonly string[]): Setting {
  const words = path.flatMap(name => name.split(/(?=[A-Z])/)).map(word => word.toLowerCase())
  return {
    path: path.join('.'),
    variable: `${VARIABLE_PREFIX}${words.join('_').toUpperCase()}`,
    flag: `--${words.join('-')}`,
    kind: kindOf(schema),
    description: schema.description ?? '',
    ...(schema.enum === undefined ? {} : { choice: schema.enum }),
    ...(schema.default === undefined ? {} : { standard: JSON.stringify(schema.default) }),
    secret: schema.secret === true,
  }
}

function kindOf({ type, items }: Schema): SettingKind {
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'boolean') return 'switch'
  if (type === 'string') return 'text'
  return type === 'array' && items?.type === 'string' ? 'list' : 'json'
}
