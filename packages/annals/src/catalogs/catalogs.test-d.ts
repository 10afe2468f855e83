import { expectTypeOf, it } from 'vitest'
import { type ActionOf, catalog, type DataInput, type DraftArguments } from '../catalog/index.ts'
import { instances, type MACHINE_AUDIT_ACTIONS } from './instances.ts'
import { warehouse } from './warehouse.ts'

const types = catalog(warehouse, instances)
type Types = typeof types
declare function record<A extends ActionOf<Types>>(action: A, ...draft: DraftArguments<Types, A>): void

it('T1 knows every action, and no other', () => {
  record('account.password.change')
  record('instance.start', { targets: [{ type: 'instance', id: 'i-1' }] })
  // @ts-expect-error no such action
  record('instance.begin')
  expectTypeOf<(typeof MACHINE_AUDIT_ACTIONS)[keyof typeof MACHINE_AUDIT_ACTIONS]>().toExtend<
    ActionOf<Types>
  >()
})

it('T3 knows the data of each', () => {
  expectTypeOf<DataInput<Types, 'account.login.success'>>().toEqualTypeOf<{
    readonly twoFactorMethod?: string | undefined
    readonly twoFactorLabel?: string | undefined
  }>()
  expectTypeOf<DataInput<Types, 'volume.create'>>().toEqualTypeOf<{
    readonly sizeMiB: number
    readonly type: 'shared' | 'local'
  }>()
  record('account.email.add', { data: { email: 'a@example.com' } })
  record('instance.tag.set', { data: { keys: ['role'] } })
  // @ts-expect-error data is required
  record('account.email.add', {})
  // @ts-expect-error no such field
  record('account.email.add', { data: { email: 'a@example.com', password: 'x' } })
  // @ts-expect-error takes no data
  record('instance.start', { data: {} })
})
