import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { METRIC_NAMES } from '../index.ts'

it('every metric has its row in the guide, and every row its metric', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../../docs/guides/metrics.md'), 'utf8')
  const [, table = ''] = guide.split('| metric | answers with |\n| --- | --- |\n')
  const rows = table.split('\n\n')[0]?.matchAll(/^\| `([A-Za-z]+)` \|/gm) ?? []
  expect([...rows].map(([, name]) => name).sort()).toEqual([...METRIC_NAMES].sort())
})
