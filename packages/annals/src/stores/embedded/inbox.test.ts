import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Draft } from '../../model/index.ts'
import { Inbox } from './inbox.ts'
import { leaveAct, leaveRequest } from './inbox-files.ts'
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
  inbox.open({
    async drafts(drafts) {
      if (drafts.some(draft => draft.action === failing)) throw new Error('cannot be served now')
      return drafts.map((_, index) => ({ id: 'an id', index }))
    },
    async act(name, argument, request, progress) {
      progress(1, 2)
      return { result: { name, argument, request } }
    },
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
    // The request goes a moment after its answer has come.
    await expect.poll(() => readdirSync(inbox)).toEqual(['000000000000001-0000000000000000.answer.json'])
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
  await expect.poll(() => readdirSync(inbox)).toEqual([name])
})

it('an act is performed under the name of its request; nothing of the request stays', async () => {
  const { dir, inbox } = emptyInbox()
  const onError = vi.fn()
  serve(dir, onError)
  const answer = await leaveAct(dir, 'erase', { person: 'user/anna' }, { timeoutMs: 2_000 })
  expect(answer).toEqual({
    v: 1,
    result: {
      name: 'erase',
      argument: { person: 'user/anna' },
      request: expect.stringMatching(/^inbox:\d{15}-[0-9a-f]{16}\.request\.json$/),
    },
  })
  await expect.poll(() => readdirSync(inbox)).toEqual([])
  expect(onError).not.toHaveBeenCalled()
})

it('overwrites and removes what processes that died have left, and nothing younger', async () => {
  const { dir, inbox } = emptyInbox()
  const old = new Date(Date.now() - 2 * 3_600_000)
  const names = ['1.request.json.0123456789ab.tmp', '2.answer.json', '3.progress.json']
  for (const name of names) {
    writeFileSync(join(inbox, name), 'Wilhelmine')
    writeFileSync(join(inbox, `young-${name}`), 'Wilhelmine')
    utimesSync(join(inbox, name), old, old)
  }
  const fd = openSync(join(inbox, names[0] as string), 'r')
  onTestFinished(() => closeSync(fd))
  serve(dir, vi.fn())
  await expect.poll(() => readdirSync(inbox).sort()).toEqual(names.map(name => `young-${name}`))
  const bytes = Buffer.alloc(10, 1)
  readSync(fd, bytes, 0, 10, 0)
  expect(bytes.equals(Buffer.alloc(10))).toBe(true)
})
