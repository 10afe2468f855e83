import { AnnalsError } from 'annals/model'
import { z } from 'zod'
import { type ApiKey, apiKeySchema } from './key-schema.ts'
import { readPrivate, removeLeftovers, writePrivate } from './private-file.ts'

/** Where API keys are kept. */
export interface KeyFile {
  load(): Promise<readonly ApiKey[]>
  /** Durable when it resolves: a revoked key must not come back. */
  save(keys: readonly ApiKey[]): Promise<void>
}

const fileSchema = z.strictObject({ v: z.literal(1), keys: z.array(apiKeySchema) })

/**
 * A file that only its owner may read; replaced whole. What it holds decides who may do what, so all of it must be understood:
 * a role or member that this version does not know is refused, not passed over.
 */
export function keyFile(path: string): KeyFile {
  return {
    async load() {
      const bytes = await readPrivate(path)
      await removeLeftovers(path)
      return bytes === undefined ? [] : parse(path, bytes.toString('utf8'))
    },
    save: keys => writePrivate(path, `${JSON.stringify({ v: 1, keys }, undefined, 1)}\n`),
  }
}

function parse(path: string, text: string): readonly ApiKey[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse(path, 'it is no JSON')
  }
  const result = fileSchema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    throw refuse(path, `/${(issue?.path ?? []).join('/')}: ${issue?.message ?? ''}`)
  }
  const { keys } = result.data
  if (new Set(keys.map(key => key.id)).size < keys.length) throw refuse(path, 'two keys have one id')
  return keys
}

function refuse(path: string, why: string): AnnalsError {
  return new AnnalsError('ANNALS_FORMAT', `The keys of ${path} cannot be read: ${why}.`, {
    hint: 'Was it written by a newer version, or by hand?',
  })
}

/** Keys in memory, for servers without a directory. */
export function memoryKeys(): KeyFile {
  let kept: readonly ApiKey[] = []
  return {
    load: async () => kept,
    save: async keys => {
      kept = keys
    },
  }
}
