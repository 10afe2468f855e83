// What is generated from the schemas of the server: the OpenAPI document, and the table of settings. Run as: npm run openapi
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApiOf } from '../packages/server/src/http/openapi.ts'
import { ROUTES } from '../packages/server/src/routes/index.ts'
import { settingsTable } from '../packages/server/src/settings/settings-table.ts'
import { VERSION } from '../packages/server/src/status/version.ts'
import { ROOT } from './lib/workspace.ts'

const text = JSON.stringify(openApiOf(ROUTES, VERSION), undefined, 2)
writeFileSync(join(ROOT, 'spec/http-v1.openapi.json'), `${text}\n`)

const guide = join(ROOT, 'docs/guides/serving.md')
const [before, rest = ''] = readFileSync(guide, 'utf8').split('<!-- settings -->\n')
const [, after = ''] = rest.split('<!-- /settings -->\n')
writeFileSync(guide, `${before}<!-- settings -->\n\n${settingsTable()}\n<!-- /settings -->\n${after}`)
