import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Draft } from '../../model/index.ts'
import { Inbox, leaveRequest } from './inbox.ts'
import { layoutOf } from './layout.ts'

function emptyInbox(): { readonly dir: string; readonly inbox: string } {
  const dir = mkdtempSync(join(tmpdir(), 'annals-inbox-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const { inbox } = layoutOf(dir)
  mkdirSync(inbox)
  return { dir, inbox }
}

function serve(dir: string, onError: (error: Error) => void, failing = ''): void {
  const inbox = new Inbox(layoutOf(dir), onError)
  onTestFinished(() => inbox.close())
  inbox.open(async drafts => {
    if (drafts.some(draft => draft.action === failing)) throw new Error('cannot be served now')
    return drafts.map((_, index) => ({ id: 'an id', index }))
  })
}

it.each(['{}', '{"drafts":null}', '{"drafts":[null]}', '{"drafts":{"a":1}}', 'null', 'no JSON'])(
  'a request that is none is answered with nothing and removed: %s',
  async text => {
    const { dir, inbox } = emptyInbox()
    writeFileSync(join(inbox, '000000000000001-0000000000000000.request.json'), text)
    const onError = vi.fn()
    serve(dir, onError)
    await expect(leaveRequest(dir, [{ action: 'a.b' }], 2_000)).resolves.toEqual([{ id: 'an id', index: 0 }])
    expect(onError).not.toHaveBeenCalled()
    expect(readdirSync(inbox)).toEqual(['000000000000001-0000000000000000.answer.json'])
    expect(JSON.parse(readFileSync(join(inbox, readdirSync(inbox)[0] as string), 'utf8'))).toEqual({
      v: 1,
      answers: [],
    })
  },
)

it('a request that cannot be served now is told, stays, and does not hold up those behind it', async () => {
  const { dir, inbox } = emptyInbox()
  const name = '000000000000001-0000000000000000.request.json'
  const drafts: readonly Draft[] = [{ action: 'bad.one' }]
  writeFileSync(join(inbox, name), JSON.stringify({ v: 1, drafts }))
  const onError = vi.fn()
  serve(dir, onError, 'bad.one')
  await expect(leaveRequest(dir, [{ action: 'a.b' }], 2_000)).resolves.toEqual([{ id: 'an id', index: 0 }])
  expect(onError).toHaveBeenCalled()
  expect(readdirSync(inbox)).toEqual([name])
})
