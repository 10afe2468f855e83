import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './lib/workspace.ts'

// Removes what builds and tests make; sources and node_modules stay.
for (const path of globSync(['packages/*/dist', 'docs/api', 'coverage'], { cwd: ROOT })) {
  rmSync(join(ROOT, path), { recursive: true, force: true })
}
