import { errorChecks } from './docs/errors.ts'
import { linkChecks } from './docs/links.ts'
import { runBlocks } from './docs/run-blocks.ts'
import { report } from './lib/report.ts'

report([...errorChecks(), ...linkChecks(), ...(await runBlocks(process.argv.slice(2)))])
