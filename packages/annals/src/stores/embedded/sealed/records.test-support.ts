import fc from 'fast-check'
import type { KeyRef } from '../../../log/record-bytes.ts'
import type { SealedPart, SealedRecord } from './encode-block.ts'

const bytes = (min: number, max: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: min, maxLength: max }).map(array => Buffer.from(array))
const half = bytes(16, 16).map(half => half.toString('latin1'))
const key: fc.Arbitrary<KeyRef> = fc.record({ id: half, tag: half })
const part: fc.Arbitrary<SealedPart> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,16}$/),
  keys: fc.array(key, { maxLength: 3 }),
  bytes: fc.oneof({ weight: 4, arbitrary: bytes(0, 200) }, { weight: 1, arbitrary: fc.constant(null) }),
})
const whole: fc.Arbitrary<SealedRecord> = fc.record({
  entry: bytes(0, 300),
  parts: fc.uniqueArray(part, { maxLength: 5, selector: ({ name }) => name }),
})
const thinned: fc.Arbitrary<SealedRecord> = fc
  .record({ leaf: bytes(32, 32), retention: fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/) })
  .map(thinned => ({ entry: Buffer.alloc(0), parts: [], thinned }))

/** Any record that a sealed segment can hold. */
export const anyRecord: fc.Arbitrary<SealedRecord> = fc.oneof(
  { weight: 4, arbitrary: whole },
  { weight: 1, arbitrary: thinned },
)

/** What must be read back: of an erased part nothing but its name. */
export function plain({ entry, parts, thinned }: SealedRecord): unknown {
  if (thinned !== undefined)
    return { thinned: { leaf: Buffer.from(thinned.leaf).toString('hex'), retention: thinned.retention } }
  return {
    entry: Buffer.from(entry).toString('hex'),
    parts: parts.map(({ name, keys, bytes }) =>
      bytes === null
        ? { name, keys: [], bytes: null }
        : { name, keys: keys.map(({ id, tag }) => [id, tag]), bytes: Buffer.from(bytes).toString('hex') },
    ),
  }
}
