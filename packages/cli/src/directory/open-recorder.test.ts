import type { Draft, Recorded, Refused } from 'annals'
import { AnnalsError } from 'annals/model'
import { expect, test } from 'vitest'
import { type OwnRecorder, SharedRecorder } from './open-recorder.ts'

const LOCKED = new AnnalsError('ANNALS_LOCKED', 'process 42 writes it')

function receipts(drafts: readonly Draft[]): Recorded[] {
  return drafts.map((_, index) => ({ id: `e${index}`, index, level: 'stored' }))
}

/** A log that is free at the nth opening, and a holder that answers the nth request. */
function logOf({ free, answer }: { free: number; answer: number }, patienceMs?: number) {
  const asked: (readonly Draft[])[] = []
  const recorded: (readonly Draft[])[] = []
  let opened = 0
  const own: OwnRecorder = {
    recordAll: async drafts => {
      recorded.push(drafts)
      return receipts(drafts)
    },
    close: async () => {},
  }
  const recorder = new SharedRecorder({
    open: async () => {
      opened += 1
      if (opened < free) throw LOCKED
      return own
    },
    submit: async (drafts): Promise<readonly (Recorded | Refused)[]> => {
      asked.push(drafts)
      if (asked.length < answer) throw LOCKED
      return receipts(drafts)
    },
    onShared: () => {},
    ...(patienceMs === undefined ? {} : { patienceMs }),
  })
  return { recorder, asked, recorded }
}

test('a free log gets the drafts as they are', async () => {
  const { recorder, asked, recorded } = logOf({ free: 1, answer: 1 })
  await recorder.open()
  await recorder.recordAll([{ action: 'a' }])
  expect([asked, recorded]).toEqual([[], [[{ action: 'a' }]]])
})

test('a log that becomes free while its holder is asked is opened, with the same ids', async () => {
  const { recorder, asked, recorded } = logOf({ free: 3, answer: 99 })
  await recorder.open()
  const drafts: Draft[] = [{ action: 'a' }, { action: 'b', id: 'mine' }]
  expect(await recorder.recordAll(drafts)).toHaveLength(2)
  expect(asked).toHaveLength(2)
  expect(asked[0]).toEqual([
    { action: 'a', id: expect.stringMatching(/^[\da-f-]{36}$/) },
    { action: 'b', id: 'mine' },
  ])
  expect([asked[1], recorded[0]]).toEqual([asked[0], asked[0]])
  await recorder.recordAll([{ action: 'c' }])
  expect([asked.length, recorded[1]]).toEqual([2, [{ action: 'c' }]])
})

test('a holder that comes later is asked again', async () => {
  const { recorder, asked, recorded } = logOf({ free: 99, answer: 3 })
  await recorder.open()
  expect(await recorder.recordAll([{ action: 'a' }])).toEqual(receipts([{ action: 'a' }]))
  expect([asked.length, recorded.length]).toEqual([3, 0])
})

test('patience ends with exit 7 and the name of the holder', async () => {
  const { recorder } = logOf({ free: 99, answer: 99 }, 120)
  await recorder.open()
  await expect(recorder.recordAll([{ action: 'a' }])).rejects.toMatchObject({
    exit: 7,
    code: 'ANNALS_LOCKED',
    message: 'process 42 writes it',
  })
})
