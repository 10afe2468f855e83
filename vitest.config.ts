import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { STRIP } from './tools/lib/source-options.ts'
import { LongestFirst } from './tools/vitest/longest-first.ts'

export default defineConfig({
  resolve: { conditions: ['annals-source'] },
  ssr: { resolve: { conditions: ['annals-source'], externalConditions: ['annals-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['packages/*/src/**/*.test-d.ts'], tsconfig: 'tsconfig.check.json' },
    sequence: { sequencer: LongestFirst },
    globalSetup: ['tools/vitest/threads.ts'],
    pool: 'forks',
    // Vitest leaves one core to itself, which needs next to none.
    maxWorkers: availableParallelism(),
    execArgv: ['--conditions=annals-source', '--no-warnings=ExperimentalWarning'],
    // Inherited by threads, and by the processes that tests start.
    env: { NODE_OPTIONS: STRIP },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
