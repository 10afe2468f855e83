import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ALLOWED, type Sources, VIOLATIONS } from './samples.ts'

const ROOT = join(import.meta.dirname, '../..')
interface Violation {
  readonly from: string
  readonly to: string
  readonly rule: { readonly name: string }
}

/** Checks a small tree with the rules of the project. */
function cruise(sources: Sources): readonly Violation[] {
  const place = mkdtempSync(join(tmpdir(), 'annals-rules-'))
  try {
    for (const [path, text] of Object.entries({ 'tsconfig.check.json': '{}', ...sources })) {
      mkdirSync(dirname(join(place, path)), { recursive: true })
      writeFileSync(join(place, path), `${text}\n`)
    }
    const words = ['--config', join(ROOT, 'dependency-rules.js'), '--output-type', 'json', 'packages']
    const depcruise = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
    const { stdout, stderr } = spawnSync(process.execPath, [depcruise, ...words], {
      cwd: place,
      encoding: 'utf8',
    })
    if (stdout === '') throw new Error(stderr)
    return (JSON.parse(stdout) as { readonly summary: { readonly violations: readonly Violation[] } }).summary
      .violations
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

describe('dependency-rules.js', () => {
  test('finds nothing in a tree that keeps them', () => {
    expect(cruise(ALLOWED)).toEqual([])
  })

  const found = cruise(Object.assign({}, ALLOWED, ...VIOLATIONS.map(one => one.sources)) as Sources)
  test.for(VIOLATIONS)('$rule: $from → $to', ({ rule, from, to }) => {
    expect(found).toContainEqual(
      expect.objectContaining({ rule: expect.objectContaining({ name: rule }), from, ...(to && { to }) }),
    )
  })

  test('has a sample for every rule', () => {
    const script = `import('./dependency-rules.js').then(r => console.log(JSON.stringify(r.default.forbidden.map(one => one.name))))`
    const names = JSON.parse(
      execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' }),
    ) as string[]
    expect([...new Set(VIOLATIONS.map(one => one.rule))].sort()).toEqual(names.sort())
  })
})
