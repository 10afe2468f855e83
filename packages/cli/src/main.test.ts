import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { TOPICS } from './help/topics.ts'
import { annals } from './testing/spawn.ts'

const SOURCE = fileURLToPath(new URL('.', import.meta.url))

/** Files of our packages and of commander that a command line loads, relative to `packages`. */
function loadedBy(words: readonly string[]): string[] {
  const hook = `
    import { registerHooks } from 'node:module'
    import { writeSync } from 'node:fs'
    registerHooks({ load(url, context, next) { writeSync(2, 'LOADED ' + url + '\\n'); return next(url, context) } })`
  const preload = `data:text/javascript,${encodeURIComponent(hook)}`
  const { stderr } = spawnSync(
    process.execPath,
    ['--conditions=annals-source', '--import', preload, `${SOURCE}main.ts`, ...words],
    {
      encoding: 'utf8',
    },
  )
  return [...stderr.matchAll(/^LOADED file:\/\/(.*)$/gm)].map(
    match => match[1]?.replace(/^.*\/packages\//, '') ?? '',
  )
}

describe('--version', () => {
  test('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(`${SOURCE}../package.json`, 'utf8')) as { version: string }
    expect(await annals(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    expect((await annals(['-V'])).stdout).toBe(`${version}\n`)
  })
  test('loads nothing but its two files', () => {
    expect(loadedBy(['--version'])).toEqual(['cli/src/main.ts', 'cli/src/version.ts'])
  })
})

describe('--help', () => {
  test('lists every command', async () => {
    const { code, stdout, stderr } = await annals(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const { name, summary } of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name}(\\|\\w+)? `, 'm'))
      expect(stdout.replace(/\s+/g, ' ')).toContain(summary)
    }
  })
  test('loads neither a command nor the kernel', () => {
    const loaded = loadedBy(['--help'])
    expect(loaded.filter(file => file.startsWith('annals/') || file.startsWith('tlog/'))).toEqual([])
    expect(loaded.filter(file => file.includes('/commands/'))).toEqual(['cli/src/commands/index.ts'])
  })
  test('is also the answer to no command at all', async () => {
    expect((await annals([])).stdout).toBe((await annals(['--help'])).stdout)
  })
  test.each(COMMANDS.map(entry => entry.name))('%s has its own, the same by help', async name => {
    const { code, stdout, stderr } = await annals([name, '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`Usage: annals ${name}`)
    // A topic of the same name goes first.
    if (!TOPICS.some(topic => topic.name === name)) expect((await annals(['help', name])).stdout).toBe(stdout)
  })
})

test('a command loads its own file only', () => {
  const loaded = loadedBy(['query', 'explain', 'actor:a']).filter(file => file.includes('/commands/'))
  expect(loaded).toEqual([
    'cli/src/commands/index.ts',
    'cli/src/commands/query.ts',
    'cli/src/commands/group.ts',
  ])
})

test.each(TOPICS.map(topic => topic.name))('help %s', async name => {
  const { code, stdout, stderr } = await annals(['help', name])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.length).toBeGreaterThan(200)
})

describe('mistakes in the command line exit 2 and suggest', () => {
  test.each([
    [['lsit'], "unknown command 'lsit'", 'Did you mean list?'],
    [['list', '--lmit', '5'], "unknown option '--lmit'", 'Did you mean --limit?'],
    [['list', '-o', 'jsn'], '--output', 'Did you mean json?'],
    [['help', 'qurey'], 'no help on "qurey"', 'Did you mean query?'],
    [['list', '--limit', 'many'], '--limit', '--limit 50'],
    [['query', 'explain', 'outcom:success'], 'outcom', 'Did you mean outcome?'],
    [['import', 'cloudtrial', '-'], 'unknown format', 'Did you mean cloudtrail?'],
    [['get'], 'missing required argument', 'help'],
    [['checkpoint'], 'checkpoint: which command?', 'latest'],
    [['checkpoint', 'latset'], "unknown command 'checkpoint latset'", 'Did you mean latest?'],
  ])('%j', async (words, what, fix) => {
    const { code, stdout, stderr } = await annals(words)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(what)
    expect(stderr).toContain(fix)
  })
  test('as JSON with -o json', async () => {
    const { code, stderr } = await annals(['lsit', '-o', 'json'])
    expect(code).toBe(2)
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'USAGE', message: "unknown command 'lsit'", hint: 'Did you mean list?' },
    })
  })
})

test('the caret stands under the error of a query', async () => {
  const { code, stderr } = await annals(['query', 'explain', 'actor:a', 'outcom:success'])
  expect(code).toBe(2)
  expect(stderr).toContain('  actor:a outcom:success\n          ^^^^^^\n')
})

test('query explain shows canonical form, tree, fields and index', async () => {
  const { code, stdout, stderr } = await annals([
    'query',
    'explain',
    'user:alice',
    '-outcome:success',
    '--tz',
    'UTC',
  ])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('  actor:alice -outcome:success\n')
  expect(stdout).toContain('candidates: u:alice and not r:success')
})

test('global flags may stand before the command', async () => {
  expect(JSON.parse((await annals(['-o', 'json', 'query', 'explain', 'actor:a'])).stdout)).toMatchObject({
    canonical: 'actor:a',
  })
})
