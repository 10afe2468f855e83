import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Draft, openTrail } from 'annals'
import { expect, test } from 'vitest'
import { annalsHere as annals } from '../testing/in-process.ts'
import { linesOf } from '../testing/log.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

async function record(dir: string, drafts: readonly Draft[]): Promise<void> {
  await using trail = await openTrail({ dir })
  await trail.recordAll(drafts)
}
const HOSTILE = '</pre><script>alert(1)</script>&"\'\u202e\u001b[2J'

async function recorded(): Promise<string> {
  const dir = temporary()
  const [alice, bob] = [
    { type: 'user', id: 'alice-1', name: HOSTILE },
    { type: 'user', id: 'bob-22' },
  ]
  await record(dir, [
    { action: 'a.acted', actor: alice, data: { text: HOSTILE } },
    { action: 'a.targeted', actor: bob, targets: [alice] },
    { action: 'a.mentioned', actor: bob, data: { deep: [{ note: 'see alice-1.' }] } },
    { action: 'a.other', actor: bob, targets: [{ type: 'user', id: 'alice-12' }] },
  ])
  return dir
}

test('ndjson: every event about the person and why, then a summary; after erasure only numbers', async () => {
  const dir = await recorded()
  const { code, stdout } = await annals(['subject', 'export', 'user/alice-1', '--dir', dir])
  expect(code).toBe(0)
  expect(linesOf(stdout)).toMatchObject([
    { event: { action: 'a.acted' }, parts: [{ name: 'who', as: 'keyed' }], sentence: expect.any(String) },
    { event: { action: 'a.targeted' }, parts: [{ name: 'what', as: 'keyed' }] },
    { event: { action: 'a.mentioned' }, parts: [{ name: 'what', as: 'mentioned' }] },
    {
      summary: {
        events: 3,
        parts: { keyed: 2, named: 0, mentioned: 1 },
        byKeys: true,
        erased: { parts: 0, authorities: 0 },
      },
    },
  ])
  await annals(['erase', '--dir', dir, '--person', 'user/alice-1', '--basis', 'b', '--yes'])
  const after = await annals(['subject', 'export', '-', '--dir', dir, '-v'], { stdin: 'user/alice-1\n' })
  expect(linesOf(after.stdout)).toMatchObject([
    {
      summary: {
        events: 0,
        parts: { keyed: 0, named: 0, mentioned: 0 },
        erased: { parts: 3, authorities: 1 },
      },
    },
  ])
  expect(after.stderr).toContain('3 parts were erased, as ordered by 1 of its entries')
})

test('without the keys of the log actors, targets and texts are compared, and that is said', async () => {
  const dir = await recorded()
  rmSync(join(dir, 'keys'), { recursive: true })
  const { code, stdout, stderr } = await annals(['subject', 'export', 'user/alice-1', '--dir', dir])
  expect(code).toBe(0)
  expect(linesOf(stdout)).toMatchObject([
    { parts: [{ name: 'who', as: 'named' }] },
    { parts: [{ name: 'what', as: 'named' }] },
    { parts: [{ name: 'what', as: 'mentioned' }] },
    { summary: { byKeys: false, events: 3 } },
  ])
  expect(stderr).toContain('keys of the log were not at hand')
})

test('--html: one page that obeys nothing of what was recorded, in a file of its owner only', async () => {
  const dir = await recorded()
  const out = join(dir, 'alice.html')
  const words = ['subject', 'export', 'user/alice-1', '--dir', dir, '--html', '--out', out]
  const { code, stdout } = await annals(words)
  expect([code, stdout, statSync(out).mode & 0o777]).toEqual([0, '', 0o600])
  const page = readFileSync(out, 'utf8')
  expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
  expect(page).toContain('user/alice-1')
  expect(page.match(/<article>/g)).toHaveLength(3)
  expect(page).not.toMatch(/<script|<img|<link|src=|href=|onerror=/)
  for (const unseen of ['\u202e', '\u001b']) expect(page).not.toContain(unseen)
  expect(page).toContain('&lt;/pre&gt;&lt;script&gt;alert(1)')
  const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/g)].map(match => match[1]))
  expect([...tags].sort()).toEqual([
    'article',
    'bdi',
    'body',
    'dd',
    'details',
    'dl',
    'dt',
    'footer',
    'h1',
    'h2',
    'head',
    'html',
    'meta',
    'p',
    'pre',
    'style',
    'summary',
    'title',
  ])
  const again = await annals(words)
  expect([again.code, again.stderr, readFileSync(out, 'utf8')]).toEqual([
    1,
    expect.stringContaining('is there already'),
    page,
  ])
})

test('no log: exit 4; no person: exit 2', async () => {
  const dir = temporary()
  expect((await annals(['subject', 'export', 'user/a', '--dir', join(dir, 'none')])).code).toBe(4)
  expect((await annals(['subject', 'export', 'alice', '--dir', dir])).code).toBe(2)
  expect((await annals(['subject', 'export', '-', '--dir', dir], { stdin: '\n' })).code).toBe(2)
})
