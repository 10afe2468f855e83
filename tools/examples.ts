import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './lib/run.ts'
import { SOURCE_OPTIONS } from './lib/source-options.ts'
import { temporary } from './lib/temporary.ts'
import { ROOT } from './lib/workspace.ts'

// Every examples/*.ts runs in an empty directory, every examples/*/run in its own folder. Both must end with 0.
const env = { NODE_OPTIONS: SOURCE_OPTIONS.join(' ') }
const failed: string[] = []
const programs = globSync(['examples/*.ts', 'examples/*/run'], { cwd: ROOT }).sort()
for (const program of programs) {
  console.log(`-- ${program}`)
  using place = temporary('example')
  const isScript = !program.endsWith('.ts')
  const { code, leftOver } = await run(isScript ? [join(ROOT, program)] : ['node', join(ROOT, program)], {
    cwd: isScript ? join(ROOT, dirname(program)) : place.path,
    env: { ...env, TMPDIR: place.path },
  })
  if (code !== 0 || leftOver)
    failed.push(`${program}: ${leftOver ? 'left processes running' : `exit code ${code}`}`)
}
console.log(`${programs.length - failed.length} of ${programs.length} examples passed`)
for (const line of failed) console.log(`FAIL ${line}`)
if (failed.length > 0) process.exitCode = 1
