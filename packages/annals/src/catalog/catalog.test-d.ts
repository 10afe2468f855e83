import { expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  type ActionOf,
  type Catalog,
  catalog,
  createCatalog,
  type DataOutput,
  type DraftArguments,
  defineEvent,
  type StandardSchemaV1,
} from './index.ts'

const size: StandardSchemaV1<string, number> = {
  '~standard': { version: 1, vendor: 'me', validate: value => ({ value: Number(value) }) },
}
const types = catalog(
  defineEvent('machine.delete', { data: z.object({ force: z.boolean().default(false) }) }),
  [defineEvent('machine.stop'), [defineEvent('machine.resize', { data: size })]],
  defineEvent('note', { data: z.string().optional() }),
)
declare function recorder<C extends Catalog>(
  types: C,
): <A extends ActionOf<C>>(action: A, ...draft: DraftArguments<C, A>) => void
const record = recorder(types)
const recordOpen = recorder(createCatalog([defineEvent('machine.resize', { data: size })], { open: true }))
const recordAny = recorder(catalog())

it('T1 knows the actions of a closed catalog', () => {
  expectTypeOf<ActionOf<typeof types>>().toEqualTypeOf<
    'machine.delete' | 'machine.stop' | 'machine.resize' | 'note'
  >()
  expectTypeOf(types.open).toEqualTypeOf<false>()
  // @ts-expect-error no such action
  record('machine.delte', {})
})

it('T3 infers data from the schema', () => {
  record('machine.delete', { data: {} })
  record('machine.delete', { data: { force: true }, targets: [{ type: 'machine', id: 'm' }] })
  record('machine.resize', { data: '12' })
  record('machine.stop')
  record('machine.stop', { data: { anything: 1 } })
  record('note')
  record('note', { data: 'x' })
  // @ts-expect-error data is required
  record('machine.delete', {})
  // @ts-expect-error data is required, so the draft is
  record('machine.delete')
  // @ts-expect-error wrong type of a member
  record('machine.delete', { data: { force: 'yes' } })
  // @ts-expect-error the schema's input is a text
  record('machine.resize', { data: 12 })
  // @ts-expect-error no such field
  record('machine.stop', { targts: [] })
  expectTypeOf<DataOutput<typeof types, 'machine.delete'>>().toEqualTypeOf<{ force: boolean }>()
  expectTypeOf<DataOutput<typeof types, 'machine.resize'>>().toEqualTypeOf<number>()
})

it('takes any action when open, and still checks those it knows', () => {
  recordOpen('anything.else', { data: { x: 1 } })
  recordOpen('machine.resize', { data: '12' })
  // @ts-expect-error the schema's input is a text
  recordOpen('machine.resize', { data: 12 })
  recordAny('anything', { data: 1 })
  expectTypeOf(types).toExtend<Catalog>()
})
