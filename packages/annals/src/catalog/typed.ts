import type { Draft } from '../model/index.ts'
import type { Catalog } from './contract.ts'
import type { EventType } from './event-type.ts'

/** The event types of a catalog. */
export type TypesOf<C extends Catalog> = C extends Catalog<infer T> ? T : never

/** The actions that can be recorded with a catalog: those of its types, and any text when it is open. */
export type ActionOf<C extends Catalog> =
  C extends Catalog<infer T, infer Open>
    ? [Open] extends [false]
      ? T['action']
      : T['action'] | (string & {})
    : never

/** What a draft of this action gives as `data`; unknown when the type has no schema or the catalog no such type. */
export type DataInput<C extends Catalog, A extends string> =
  TypeFor<C, A> extends EventType<string, infer I> ? I : unknown

/** What is stored and read as `data`. */
export type DataOutput<C extends Catalog, A extends string> =
  TypeFor<C, A> extends EventType<string, unknown, infer O> ? O : unknown

/** A draft of this action. `data` is required when its schema does not take undefined. */
export type DraftFor<C extends Catalog, A extends string> = Omit<Draft, 'action' | 'data'> &
  (undefined extends DataInput<C, A>
    ? { readonly data?: DataInput<C, A> | undefined }
    : { readonly data: DataInput<C, A> })

/**
 * The arguments of `record` after the action: the draft may be left out when its data may.
 *
 * @example
 * ```ts
 * record<A extends ActionOf<C>>(action: A, ...draft: DraftArguments<C, A>): Promise<Recorded>
 * ```
 */
export type DraftArguments<C extends Catalog, A extends string> =
  undefined extends DataInput<C, A> ? [draft?: DraftFor<C, A>] : [draft: DraftFor<C, A>]

/** The type of an action; never when there is none. */
type TypeFor<C extends Catalog, A extends string> = [Extract<TypesOf<C>, { readonly action: A }>] extends [
  never,
]
  ? EventType
  : Extract<TypesOf<C>, { readonly action: A }>
