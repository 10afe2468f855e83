import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { settingsTable } from './settings-table.ts'

it('the guide has the table of the schema; else run: npm run openapi', () => {
  const guide = readFileSync(new URL('../../../../docs/guides/serving.md', import.meta.url), 'utf8')
  expect(guide).toContain(settingsTable())
})
