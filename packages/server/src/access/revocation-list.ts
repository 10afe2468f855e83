import { AnnalsError } from 'annals/model'
import { z } from 'zod'
import { readPrivate, removeLeftovers, writePrivate } from './private-file.ts'
import { Queue } from './queue.ts'

/** Tokens with a name that were made before an instant, by one maker or by anyone. */
export interface Revocation {
  /** `subject:TYPE/ID`; `*` for every token. */
  readonly name: string
  /** Credential that made them. @defaultValue any */
  readonly maker?: string | undefined
  /** ms since the epoch: what was made later is not meant. */
  readonly at: number
}

/** Where revocations are kept. */
export interface RevocationFile {
  load(): Promise<readonly Revocation[]>
  save(revocations: readonly Revocation[]): Promise<void>
}

/** Most revocations that are kept at a time. */
export const MAX_REVOCATIONS = 10_000

const fileSchema = z.strictObject({
  v: z.literal(1),
  revocations: z.array(
    z.strictObject({ name: z.string(), maker: z.string().optional(), at: z.number().min(0) }),
  ),
})

/**
 * What was revoked, as long as something lives that it could concern. Short and durable: a token that was revoked must not come
 * back with a restart. When there would be too many, one takes the place of all, and ends every token that is out.
 */
export class RevocationList {
  readonly #file: RevocationFile
  readonly #lifeMs: number
  readonly #now: () => number
  readonly #changes = new Queue()
  #list: readonly Revocation[]

  private constructor(file: RevocationFile, lifeMs: number, list: readonly Revocation[], now: () => number) {
    this.#file = file
    this.#lifeMs = lifeMs
    this.#list = list
    this.#now = now
  }

  /** @param lifeMs longest life of what can be revoked, milliseconds */
  static async open(
    file: RevocationFile,
    lifeMs: number,
    now: () => number = Date.now,
  ): Promise<RevocationList> {
    return new RevocationList(file, lifeMs, await file.load(), now)
  }

  get list(): readonly Revocation[] {
    return this.#list
  }

  /** Durable when it resolves. */
  add(name: string, maker: string | undefined): Promise<Revocation> {
    return this.#changes.run(async () => {
      const at = this.#now()
      const alive = this.#list.filter(one => one.at + this.#lifeMs > at)
      const added: Revocation = { name, ...(maker === undefined ? {} : { maker }), at }
      const others = alive.filter(one => one.name !== name || one.maker !== maker)
      const next = others.length < MAX_REVOCATIONS ? [...others, added] : [{ name: '*', at }]
      await this.#file.save(next)
      this.#list = next
      return added
    })
  }

  /** Whether something that has one of these names, and was made then by one of these makers, is revoked. */
  covers(names: readonly string[], makers: readonly string[], madeAt: number): boolean {
    return this.#list.some(
      ({ name, maker, at }) =>
        madeAt <= at &&
        (name === '*' || names.includes(name)) &&
        (maker === undefined || makers.includes(maker)),
    )
  }
}

/** A file of revocations that only its owner may read. */
export function revocationFile(path: string): RevocationFile {
  return {
    async load() {
      const bytes = await readPrivate(path)
      await removeLeftovers(path)
      if (bytes === undefined) return []
      try {
        return fileSchema.parse(JSON.parse(bytes.toString('utf8'))).revocations
      } catch (error) {
        throw new AnnalsError('ANNALS_FORMAT', `${path} is damaged.`, {
          hint: 'Stop for 15 minutes, when every viewer token has ended, and remove it.',
          cause: error,
        })
      }
    },
    save: revocations => writePrivate(path, `${JSON.stringify({ v: 1, revocations })}\n`),
  }
}
