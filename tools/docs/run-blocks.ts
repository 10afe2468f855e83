import { globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from '../lib/report.ts'
import { run } from '../lib/run.ts'
import { SOURCE_OPTIONS } from '../lib/source-options.ts'
import { temporary } from '../lib/temporary.ts'
import { ROOT } from '../lib/workspace.ts'
import { type Block, countMarks, markedBlocks } from './markdown.ts'
import { lacking } from './programs.ts'
import { type Served, serve } from './served.ts'

const NONE: Served = { env: {}, [Symbol.asyncDispose]: async () => {} }
const NODE = ['node', ...SOURCE_OPTIONS]
const RUNNERS: Readonly<Record<string, (file: string) => readonly string[]>> = {
  ts: file => [...NODE, file],
  js: file => [...NODE, file],
  sh: file => ['bash', '-euo', 'pipefail', file],
}

/**
 * Runs what README.md and the guides mark with `<!-- run -->`: blocks of a page in order, in one empty directory. A page that has
 * `<!-- server -->` finds a server at `$ANNALS_ENDPOINT`, with its key in `$ANNALS_TOKEN`.
 *
 * @param only these pages, as `docs/guides/live.md`; all when there are none
 */
export async function runBlocks(only: readonly string[] = []): Promise<readonly Check[]> {
  const checks: Check[] = []
  const pages = globSync(['README.md', 'docs/guides/*.md'], { cwd: ROOT }).sort()
  for (const page of pages.filter(one => only.length === 0 || only.includes(one))) {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const blocks = markedBlocks(text, 'run')
    const lost = countMarks(text, 'run') - blocks.length
    const problems = lost > 0 ? [`${lost} marks without a block of code after them`] : []
    const absent = lacking(blocks)
    // Where programs can be installed, nothing is passed over.
    if (absent.length > 0 && process.env['ANNALS_CI'] !== '1')
      checks.push({ name: page, problems, skipped: `${absent.join(', ')}: not installed` })
    else if (blocks.length + lost > 0)
      checks.push({ name: page, problems: [...problems, ...(await runPage(page, text, blocks))] })
  }
  return checks
}

async function runPage(page: string, text: string, blocks: readonly Block[]): Promise<readonly string[]> {
  using place = temporary('docs')
  using home = temporary('served')
  await using served = countMarks(text, 'server') > 0 ? await serve(home.path) : NONE
  symlinkSync(join(ROOT, 'node_modules'), join(place.path, 'node_modules'))
  writeFileSync(join(place.path, 'package.json'), '{ "type": "module", "private": true }\n')
  for (const [nth, { language, code, line }] of blocks.entries()) {
    const runner = RUNNERS[language]
    if (runner === undefined) return [`${page}:${line}: cannot run ${language}`]
    console.log(`-- ${page}:${line}`)
    const file = join(place.path, `block-${nth + 1}.${language}`)
    writeFileSync(file, code)
    const { code: status, leftOver } = await run(runner(file), { cwd: place.path, env: served.env })
    if (leftOver) return [`${page}:${line}: left processes running`]
    if (status !== 0) return [`${page}:${line}: exit code ${status}`]
  }
  return []
}
