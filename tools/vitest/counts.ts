import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { COUNTS_FILE } from '../lib/counts-file.ts'
import type { Skip, Tally } from '../lib/tally.ts'

/** Writes how many tests passed and failed, and why others were skipped: vitest's json knows no reasons. */
export default class Counts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const file = process.env[COUNTS_FILE]
    if (file !== undefined) writeFileSync(file, JSON.stringify(count(modules, unhandled.length)))
  }
}

function count(modules: readonly TestModule[], unhandled: number): Tally {
  const skipped: Skip[] = []
  let passed = 0
  let failed = unhandled
  for (const module of modules) {
    const tests = [...module.children.allTests()]
    for (const test of tests) {
      const result = test.result()
      if (result.state === 'passed') passed += 1
      else if (result.state === 'failed') failed += 1
      else skipped.push({ name: nameOf(module, test), reason: reasonOf(test) })
    }
    // A file that could not be loaded, or a hook that failed, has no failed test to count.
    if (module.state() === 'failed' && !tests.some(test => test.result().state === 'failed')) failed += 1
  }
  return { passed, failed, skipped }
}

function nameOf(module: TestModule, test: TestCase): string {
  return `${module.relativeModuleId} > ${test.fullName}`
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  if (result.state === 'skipped' && result.note !== undefined) return result.note
  if (result.state === 'pending') return 'did not come to its turn: its process died'
  // A suite that is handed its runner can give the reason in the title only.
  const inTitle = /\(skipped: (.*)\)$/.exec(test.name)
  if (inTitle !== null) return inTitle[1] as string
  return test.options.mode === 'todo' ? 'to do' : 'no reason given'
}
