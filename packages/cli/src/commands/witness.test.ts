import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { recordInto, someDrafts } from '../testing/log.ts'
import { annals, finished, startAnnals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

test('a witness is made and served, cosigns for a log, and the policy that asks for it is met', async () => {
  const [log, home] = [temporary(), temporary()]
  await recordInto(log, someDrafts(3))
  const logKey = readFileSync(join(log, 'vkey'), 'utf8').trim()
  const witness = join(home, 'witness')
  const made = await annals(['witness', 'init', witness, '--name', 'witness.example/w1'])
  expect(made.code).toBe(0)
  const vkey = made.stdout.trim()
  expect(vkey).toMatch(/^witness\.example\/w1\+[0-9a-f]{8}\+/)
  expect((await annals(['witness', 'init', witness, '--name', 'witness.example/w1'])).code).not.toBe(0)

  const child = startAnnals(['witness', 'serve', witness, '--log', logKey, '--listen', '127.0.0.1:0'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const done = finished(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const url = (await lines.next()).value as string
  const policy = `log ${logKey}\nwitness w1 ${vkey} ${url}\nquorum w1\n`
  const file = join(home, 'policy.txt')
  writeFileSync(file, policy)
  const before = await annals(['verify', '--dir', log, '--policy', file])
  expect(before.code).toBe(5)
  expect(before.stdout).toContain('E_WITNESS_QUORUM')

  writeFileSync(join(log, 'policy'), policy)
  await recordInto(log, someDrafts(2))
  const after = await annals(['verify', '--dir', log, '--policy', file])
  expect(after.stdout).not.toContain('E_')
  expect(after.code).toBe(0)
  child.kill('SIGINT')
  expect((await done).code).toBe(0)
})

test.each([
  [['serve', 'x'], 'for which logs?'],
  [['serve', 'x', '--log', 'nonsense'], 'a verifier key cannot be read'],
  [['init', 'x', '--name', 'a b'], 'cannot name a key'],
])('%j is refused: %s', async (words, message) => {
  const { code, stderr } = await annals(['witness', ...words])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})
