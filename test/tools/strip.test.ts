import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'

const SOURCE = new URL('../../packages/annals/src/stores/embedded/recover.ts', import.meta.url)
/** Loads a source, then says which parts of the stripper of Node.js its thread has loaded. */
const LOAD = `
  await import(${JSON.stringify(SOURCE.href)})
  const strippers = process.moduleLoadList.filter(name => name.includes('amaro'))`

test('a thread loads sources without the WebAssembly that strips types', async () => {
  const report = `${LOAD}; (await import('node:worker_threads')).parentPort.postMessage(strippers)`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(report)}`))
  const strippers = await new Promise((resolve, reject) =>
    worker.once('message', resolve).once('error', reject),
  )
  await worker.terminate()
  expect(strippers).toEqual([])
})

test('a process loads sources without it', () => {
  const flags = ['--conditions=annals-source', '--no-warnings', '--input-type=module']
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '-e', `${LOAD}; console.log(JSON.stringify(strippers))`],
    { encoding: 'utf8' },
  )
  expect({ stdout, stderr }).toEqual({ stdout: '[]\n', stderr: '' })
})

test('a source that is not known is stripped as Node.js strips it, and is known to whoever asks next', () => {
  const text = `const unique: string = '${crypto.randomUUID()}'\nexport type Gone = typeof unique\n  throw new Error(unique)\n`
  const file = sourceWith(text)
  for (const _ of ['asks first', 'asks next']) {
    const { stderr } = load(file)
    expect(stderr).toContain(`${pathToFileURL(file).href}:3\n${stripTypeScriptTypes(text).split('\n')[2]}`)
  }
})

test('a changed source is loaded as it is now', () => {
  const file = sourceWith('const n: number = 1\nconsole.log(n)\n')
  expect(load(file).stdout).toBe('1\n')
  writeFileSync(file, readFileSync(file, 'utf8').replace('= 1', '= 2'))
  expect(load(file).stdout).toBe('2\n')
})

test('a source with a mistake is refused with it', () => {
  const { status, stderr } = load(sourceWith('const n: = 1\n'))
  expect(status).toBe(1)
  expect(stderr).toContain('Unexpected token `=`')
})

function sourceWith(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-strip-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'source.ts')
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  writeFileSync(file, text)
  return file
}

function load(file: string): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  return spawnSync(process.execPath, ['--no-warnings', file], { encoding: 'utf8' })
}
