import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { COUNTS_FILE } from './lib/counts-file.ts'
import { run } from './lib/run.ts'
import { STAGES, type Stage } from './lib/stages.ts'
import { lastLine, skipLines, sum, type Tally } from './lib/tally.ts'
import { temporary } from './lib/temporary.ts'
import { readJson } from './lib/workspace.ts'

const PASSED: Tally = { passed: 1, failed: 0, skipped: [] }
/** Caches of Node.js and of the tools themselves, not of our code. */
const TOOLS_OWN = /^(node-compile-cache|v8-compile-cache.*|node-coverage.*)$/
const FAILED: Tally = { passed: 0, failed: 1, skipped: [] }

const words = process.argv.slice(2)
const unknown = words.filter(word => !STAGES.some(stage => stage.word === word))
if (unknown.length > 0) {
  console.error(`no stage ${unknown.join(', ')}; there are ${STAGES.map(stage => stage.word).join(', ')}`)
  process.exit(2)
}
const wanted = STAGES.filter(stage => words.length === 0 || words.includes(stage.word))
const total = await runStages(wanted)
if (total.skipped.length > 0) console.log(`\nSkipped:\n${skipLines(total.skipped).join('\n')}\n`)
console.log(lastLine(total))
if (total.failed > 0) process.exitCode = 1

/** Runs stages up to the first that fails. */
async function runStages(stages: readonly Stage[]): Promise<Tally> {
  using home = temporary('test')
  const tallies: Tally[] = []
  for (const [nth, stage] of stages.entries()) {
    const began = performance.now()
    console.log(`\n== ${stage.title} ==`)
    const tally = await runStage(stage, home.path)
    tallies.push(tally)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`-- ${stage.title}: ${tally.failed > 0 ? 'failed' : 'passed'} in ${seconds} s`)
    if (tally.failed > 0 || process.exitCode !== undefined) {
      const rest = stages.slice(nth + 1)
      tallies.push({ ...PASSED, passed: 0, skipped: rest.map(one => notRun(one, stage)) })
      break
    }
  }
  return sum(tallies)
}

async function runStage(stage: Stage, home: string): Promise<Tally> {
  const counts = join(home, 'counts.json')
  // Whatever a stage makes lies below this directory and goes with it.
  // A test takes the part of another user, who must be able to get to what is his to read.
  chmodSync(home, 0o755)
  const env = { TMPDIR: home, TEMP: home, TMP: home, [COUNTS_FILE]: counts }
  rmSync(counts, { force: true })
  let failed = false
  for (const command of stage.commands) {
    const { code, leftOver } = await run(command, { env })
    if (leftOver) console.log(`${command.join(' ')} left processes running; they were ended`)
    failed ||= code !== 0 || leftOver
  }
  const left = readdirSync(home).filter(name => !TOOLS_OWN.test(name) && name !== 'counts.json')
  if (left.length > 0) {
    console.log(`left in the temporary directory, removed: ${left.join(', ')}`)
    failed = true
  }
  if (stage.counts !== true) return failed ? FAILED : PASSED
  if (!existsSync(counts)) return FAILED
  const tally = readJson<Tally>(counts)
  return failed && tally.failed === 0 ? { ...tally, failed: 1 } : tally
}

function notRun(stage: Stage, because: Stage): { readonly name: string; readonly reason: string } {
  return { name: stage.title, reason: `not run, because "${because.title}" failed` }
}
