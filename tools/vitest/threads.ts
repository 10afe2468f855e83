import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { bundleThreads } from '../threads/bundle.ts'

/** Threads of a run start as they do for users, from one file each; when sources may change meanwhile, from these. */
export default async function bundled(project: TestProject): Promise<(() => void) | undefined> {
  if (project.config.watch) return undefined
  const dir = join(import.meta.dirname, `../../node_modules/.cache/annals-threads/${process.pid}`)
  await bundleThreads(dir)
  process.env['ANNALS_TEST_THREADS'] = dir
  return () => rmSync(dir, { recursive: true, force: true })
}
