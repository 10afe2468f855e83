import { canonicalize } from '@annals/tlog'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMMIT_BYTES, type Commit, findCommit, readCommit, writeCommit } from './commit-frame.ts'
import { writeRecord } from './record-bytes.ts'

const FRAME = frame({ from: 5, count: 2, bytes: 700 })
const commit: fc.Arbitrary<Commit> = fc.record({
  from: fc.maxSafeNat(),
  count: fc.integer({ min: 0, max: 0xffffffff }),
  bytes: fc.integer({ min: 0, max: 0xffffffff }),
})

describe('commit frames', () => {
  it('are read as they were written, at any place', () => {
    fc.assert(
      fc.property(commit, fc.nat(50), (said, at) => {
        const into = Buffer.alloc(at + COMMIT_BYTES + 3)
        expect(writeCommit(into, at, said)).toBe(at + COMMIT_BYTES)
        expect(readCommit(into, at)).toEqual(said)
        expect(findCommit(into, 0)).toBe(at)
      }),
    )
  })

  it('no changed bit is overlooked', () => {
    for (let bit = 0; bit < COMMIT_BYTES * 8; bit++) {
      const changed = Buffer.from(FRAME)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(readCommit(changed, 0), `bit ${bit}`).toBeUndefined()
      expect(findCommit(changed, 0)).toBe(-1)
    }
  })

  it('a torn frame is none, wherever it was torn', () => {
    for (let end = 0; end < COMMIT_BYTES; end++) {
      expect(readCommit(FRAME.subarray(0, end), 0)).toBeUndefined()
      expect(
        readCommit(Buffer.concat([FRAME.subarray(0, end), Buffer.alloc(COMMIT_BYTES - end)]), 0),
      ).toBeUndefined()
    }
    expect(readCommit(FRAME, -1)).toBeUndefined()
    expect(readCommit(FRAME, 1)).toBeUndefined()
  })

  it('findCommit finds the next at or after a place, over noise and damaged ones', () => {
    const damaged = Buffer.from(FRAME)
    damaged[20] = 9
    const noise = Buffer.from('ANNALSC…ANNALSCANNALSC')
    const bytes = Buffer.concat([noise, damaged, FRAME, noise, FRAME])
    const first = noise.length + COMMIT_BYTES
    const second = first + COMMIT_BYTES + noise.length
    expect(findCommit(bytes, 0)).toBe(first)
    expect(findCommit(bytes, first)).toBe(first)
    expect(findCommit(bytes, first + 1)).toBe(second)
    expect(findCommit(bytes, second + 1)).toBe(-1)
    expect(findCommit(Buffer.alloc(0), 0)).toBe(-1)
  })

  it('T19: hostile text in parts cannot imitate a frame', () => {
    const hostile = FRAME.toString('latin1')
    for (const text of [hostile, `\x02ANNALSC${hostile}`, hostile.repeat(30)]) {
      for (const json of [canonicalize({ data: text }), canonicalize({ [text]: [text] })]) {
        const into = Buffer.alloc(json.length * 4 + 200)
        const end = writeRecord(into, 0, '{"a":"ANNALSC"}', [
          { name: 'what', keys: [], bytes: Buffer.from(json) },
        ])
        expect(into.subarray(0, end).includes('ANNALSC')).toBe(true)
        expect(findCommit(into.subarray(0, end), 0)).toBe(-1)
      }
    }
  })
})

function frame(said: Commit): Buffer {
  const into = Buffer.alloc(COMMIT_BYTES)
  writeCommit(into, 0, said)
  return into
}
