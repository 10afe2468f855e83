import { type Draft, openTrail } from 'annals'
import { expect, test } from 'vitest'
import { annalsHere as annals } from '../testing/in-process.ts'
import { eventsOf } from '../testing/log.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

async function record(dir: string, drafts: readonly Draft[]): Promise<void> {
  await using trail = await openTrail({ dir })
  await trail.recordAll(drafts)
}

const ABOUT = { actor: { type: 'user', id: 'alice-1', name: 'Alice' } }
const WORDS = ['--basis', 'GDPR Art. 17', '--request', 'T-1']

async function recorded(): Promise<string> {
  const dir = temporary()
  await record(dir, [
    { action: 'a.b', ...ABOUT },
    { action: 'a.c', actor: { type: 'user', id: 'bob-22' }, data: { note: 'for alice-1' } },
  ])
  return dir
}

test('--dry-run shows what --yes then does; again there is nothing to do; verify counts it, exit 0', async () => {
  const dir = await recorded()
  const words = ['erase', '--dir', dir, '--person', 'user/alice-1', ...WORDS, '-o', 'json']
  const plan = await annals([...words, '--dry-run'])
  const numbers = { persons: 1, events: 2, parts: 2, keys: 1, mentions: 1, held: 0, authorities: 1 }
  expect([plan.code, JSON.parse(plan.stdout)]).toEqual([0, [numbers]])
  const done = await annals([...words, '--yes', '-v'])
  expect([done.code, JSON.parse(done.stdout)]).toEqual([0, [numbers]])
  expect(done.stderr).toContain('2 parts of 2 events were erased, 1 key of 1 person destroyed')
  const again = await annals([...words, '--yes'])
  expect(JSON.parse(again.stdout)).toEqual([
    { persons: 0, events: 0, parts: 0, keys: 0, mentions: 0, held: 0, authorities: 0 },
  ])
  const listed = await annals(['list', '--dir', dir, '-o', 'ndjson'])
  expect(eventsOf(listed.stdout).map(({ erased }) => erased)).toEqual([['what'], ['who']])
  expect(listed.stdout).not.toMatch(/alice/i)
  const verified = await annals(['verify', dir])
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/W_ERASED.*2 parts/s)])
})

test('a person from standard input; an event with one part; while another process holds the log', async () => {
  const dir = await recorded()
  const holder = await openTrail({ dir })
  await holder.record('a.d', ABOUT)
  const event = await annals([
    'erase',
    '--dir',
    dir,
    '--event',
    '3',
    '--part',
    'what',
    ...WORDS,
    '--yes',
    '-o',
    'json',
  ])
  expect(JSON.parse(event.stdout)).toMatchObject([{ persons: 0, parts: 1 }])
  const person = await annals(
    [
      'erase',
      '--dir',
      dir,
      '--person',
      '-',
      ...WORDS,
      '--yes',
      '-o',
      'json',
      '--approve-by',
      'carol,user/dave',
    ],
    { stdin: 'user/alice-1\n\n' },
  )
  expect([person.code, JSON.parse(person.stdout)]).toMatchObject([0, [{ persons: 1, parts: 2 }]])
  await holder.close()
  const { stdout } = await annals(['list', 'action:log.erasure', '--dir', dir, '-o', 'ndjson'])
  expect(eventsOf(stdout)).toMatchObject([
    { data: { approvals: [{ id: 'carol' }, { type: 'user', id: 'dave' }] } },
  ])
})

test('holds refuse it, exit 1, and --except-held erases the rest', async () => {
  const dir = await recorded()
  const words = ['erase', '--dir', dir, '--person', 'user/alice-1', ...WORDS, '--yes', '-o', 'json']
  expect(
    (await annals(['hold', 'add', 'case 7', '--dir', dir, '--query', 'action:a.b', '--reason', 'r'])).code,
  ).toBe(0)
  const refused = await annals(words)
  expect([refused.code, JSON.parse(refused.stderr)]).toMatchObject([
    1,
    { error: { code: 'ANNALS_HELD', message: expect.stringContaining('"case 7" (1 part)') } },
  ])
  const rest = await annals([...words, '--except-held'])
  expect(JSON.parse(rest.stdout)).toMatchObject([{ parts: 1, held: 1, keys: 0 }])
})

test.each([
  [['--person', '-', '--basis', 'b'], '--person - needs --yes or --dry-run'],
  [['--person', 'user/alice-1'], '--basis is missing'],
  [['--basis', 'b'], 'either --person or --event'],
  [['--person', 'user/a', '--event', '1', '--basis', 'b'], 'either --person or --event'],
  [['--person', 'alice', '--basis', 'b', '--yes'], 'is not type/id'],
])('%j: exit 2', async (words, message) => {
  const { code, stdout, stderr } = await annals(['erase', '--dir', temporary(), ...words])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
})

test('a person who is named in the basis: exit 1 with the path, and nothing is erased', async () => {
  const dir = await recorded()
  const { code, stderr } = await annals([
    'erase',
    '--dir',
    dir,
    '--person',
    'user/alice-1',
    '--basis',
    'alice-1 asked',
    '--yes',
  ])
  expect([code, stderr]).toEqual([1, expect.stringContaining('/basis names a person')])
})

test('on a terminal it shows the plan and asks; only yes goes on', async () => {
  const dir = await recorded()
  const words = ['erase', '--dir', dir, '--person', 'user/alice-1', ...WORDS]
  const piped = await annals(words)
  expect([piped.code, piped.stdout, piped.stderr]).toEqual([2, '', expect.stringContaining('nobody to ask')])
  const no = await annals(words, { isTTY: true, stdin: 'n\n' })
  expect([no.code, no.stdout, no.stderr]).toEqual([
    1,
    '',
    expect.stringMatching(/2 parts of 2 events will be erased[\s\S]*\[y\/N\][\s\S]*nothing was erased/),
  ])
  const yes = await annals(words, { isTTY: true, stdin: 'y\n' })
  expect([yes.code, yes.stdout]).toEqual([0, expect.stringMatching(/PERSONS +EVENTS +PARTS/)])
  const { stdout } = await annals(['list', 'is:erased', '--dir', dir, '-o', 'ndjson'])
  expect(eventsOf(stdout)).toHaveLength(2)
})

test('no log: exit 4', async () => {
  const { code } = await annals(['erase', '--dir', '/nowhere', '--person', 'user/a', '--basis', 'b', '--yes'])
  expect(code).toBe(4)
})
