import { describe, expect, test } from 'vitest'
import { collect } from '../testing/collect.ts'
import { type InputDraft, readDrafts } from './read-drafts.ts'

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield Buffer.from(text)
}

async function batches(...texts: string[]): Promise<(readonly InputDraft[])[]> {
  return await collect(readDrafts(chunks(...texts)))
}

async function drafts(...texts: string[]): Promise<InputDraft[]> {
  return (await batches(...texts)).flat()
}

test('one object a line, blank lines left out, the last without line end', async () => {
  expect(await drafts('{"action":"a"}\n\r\n{"action":"b"}')).toEqual([
    { line: 1, draft: { action: 'a' } },
    { line: 3, draft: { action: 'b' } },
  ])
})

test('lines may be cut anywhere, also within a character', async () => {
  const bytes = Buffer.from('{"action":"a","description":"Jörg"}\n{"action":"b"}\n')
  for (let cut = 1; cut < bytes.length; cut++) {
    async function* two(): AsyncGenerator<Uint8Array, void, undefined> {
      yield bytes.subarray(0, cut)
      yield bytes.subarray(cut)
    }
    const found = (await collect(readDrafts(two()))).flat()
    expect(found).toEqual([
      { line: 1, draft: { action: 'a', description: 'Jörg' } },
      { line: 2, draft: { action: 'b' } },
    ])
  }
})

test('what has arrived is passed on before the input ends', async () => {
  let open: (() => void) | undefined
  async function* stayingOpen(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from('{"action":"a"}\n')
    await new Promise<void>(resolve => {
      open = resolve
    })
  }
  const found = readDrafts(stayingOpen())
  expect((await found.next()).value).toEqual([{ line: 1, draft: { action: 'a' } }])
  const rest = found.next()
  await new Promise(resolve => setTimeout(resolve, 5))
  open?.()
  await rest
})

describe('a JSON array', () => {
  test('may be spread over lines', async () => {
    expect(await drafts('\n[ {"action":"a"},\n', ' {"action":"b"} ]\n')).toMatchObject([
      { draft: { action: 'a' } },
      { draft: { action: 'b' } },
    ])
  })
  test('that ends early is one reject', async () => {
    const found = await drafts('[\n{"action":"a"},\n{"act')
    expect(found[0]).toMatchObject({ draft: { action: 'a' } })
    expect(found.slice(1).every(one => 'reason' in one)).toBe(true)
    expect(found.length).toBeGreaterThan(1)
  })
})

test.each([
  ['{"action":', 'not JSON'],
  ['"text"', 'a draft is a JSON object'],
  ['null', 'a draft is a JSON object'],
])('%s is a reject with its line', async (line, reason) => {
  expect(await drafts(`{"action":"a"}\n${line}\n{"action":"b"}\n`)).toEqual([
    { line: 1, draft: { action: 'a' } },
    { line: 2, reason: expect.stringContaining(reason) },
    { line: 3, draft: { action: 'b' } },
  ])
})

test('nothing is nothing', async () => {
  expect(await drafts()).toEqual([])
  expect(await drafts(' \n\n')).toEqual([])
})
