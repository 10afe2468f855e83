import type { Check } from './lib/report.ts'
import { report } from './lib/report.ts'
import { temporary } from './lib/temporary.ts'
import { publicPackages } from './lib/workspace.ts'
import { contentChecks } from './packaging/contents.ts'
import { dependencyChecks } from './packaging/dependencies.ts'
import { entryChecks } from './packaging/entries.ts'
import { pack } from './packaging/pack.ts'
import { raiseCeilings, sizeChecks } from './packaging/size.ts'
import { unusedChecks } from './packaging/unused.ts'

// `--raise` writes today's sizes, and some room, into size-ceilings.json.
if (process.argv.includes('--raise')) await raiseCeilings()

using place = temporary('pack')
const checks: Check[] = []
for (const one of publicPackages()) {
  const packed = pack(one, place.path)
  checks.push(...contentChecks(packed), ...(await entryChecks(packed)))
}
checks.push(...dependencyChecks(), ...unusedChecks(), ...(await sizeChecks()))
report(checks)
