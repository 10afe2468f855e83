import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ERRORS_PAGE, errorsPage } from './docs/errors.ts'

mkdirSync(dirname(ERRORS_PAGE), { recursive: true })
writeFileSync(ERRORS_PAGE, errorsPage())
