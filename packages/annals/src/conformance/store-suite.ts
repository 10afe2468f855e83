import type { StoreSupports } from '../log/store.ts'
import { APPEND_LAWS } from './store/append-laws.ts'
import { Bench } from './store/bench.ts'
import { CHECKPOINT_LAWS } from './store/checkpoint-laws.ts'
import { CHUNK_LAWS } from './store/chunk-laws.ts'
import { COUNT_LAWS } from './store/count-laws.ts'
import { DERIVED_LAWS } from './store/derived-laws.ts'
import { ERASE_LAWS } from './store/erase-laws.ts'
import { FIND_LAWS } from './store/find-laws.ts'
import { IDENTITY_LAWS } from './store/identity-laws.ts'
import { KEY_LAWS } from './store/key-laws.ts'
import type { Law } from './store/law.ts'
import { LOG_EVENT_LAWS } from './store/log-event-laws.ts'
import { POSITION_LAWS } from './store/position-laws.ts'
import { READ_LAWS } from './store/read-laws.ts'
import { REOPEN_LAWS } from './store/reopen-laws.ts'
import { SCOPE_LAWS } from './store/scope-laws.ts'
import { SEAL_LAWS } from './store/seal-laws.ts'
import { SEQUENCER_LAWS } from './store/sequencer-laws.ts'
import { THIN_LAWS } from './store/thin-laws.ts'
import { TREE_LAWS } from './store/tree-laws.ts'
import type { StoreRunner } from './store-runner.ts'
import type { StoreSuiteOptions } from './store-suite-options.ts'

/** What {@link testStore} has registered. */
export interface StoreReport {
  /** Laws that are tested. */
  readonly laws: number
  readonly skipped: readonly { readonly title: string; readonly reason: string }[]
}

const THEMES: readonly (readonly [theme: string, laws: readonly Law[]])[] = [
  ['identity', IDENTITY_LAWS],
  ['append', APPEND_LAWS],
  ['read', READ_LAWS],
  ['tree', TREE_LAWS],
  ['chunks', CHUNK_LAWS],
  ['checkpoint', CHECKPOINT_LAWS],
  ['keys', KEY_LAWS],
  ['find', FIND_LAWS],
  ['count', COUNT_LAWS],
  ['scope', SCOPE_LAWS],
  ['position', POSITION_LAWS],
  ['events of the log', LOG_EVENT_LAWS],
  ['erasing', ERASE_LAWS],
  ['sealing', SEAL_LAWS],
  ['thinning', THIN_LAWS],
  ['derived', DERIVED_LAWS],
  ['reopening', REOPEN_LAWS],
  ['sequencer', SEQUENCER_LAWS],
]

/**
 * The conformance suite of stores: registers a test for each law of the contracts of log, tree, keys, signer and search. It
 * writes through the sequencer's own code, so hashes and keys are real. A store passes when every test does.
 *
 * @example
 * ```ts
 * import { afterAll, describe, it } from 'vitest'
 * testStore({ describe, it, afterAll }, { name: 'my store', open: where => openMine(where), supports: { persistence: true } })
 * ```
 */
export function testStore(runner: StoreRunner, options: StoreSuiteOptions): StoreReport {
  const skipped: { title: string; reason: string }[] = []
  let laws = 0
  const planned = THEMES.map(([theme, list]) => ({
    theme,
    tests: list.map(law => {
      const reason = missing(law, options.supports)
      if (reason === undefined) laws++
      else skipped.push({ title: `${theme}: ${law.title}`, reason })
      return { law, reason }
    }),
  }))
  runner.describe(`store ${options.name}`, () => {
    for (const { theme, tests } of planned) {
      runner.describe(theme, () => {
        const common = runner.afterAll === undefined ? undefined : Bench.common(options)
        if (common !== undefined) runner.afterAll?.(() => common.close())
        for (const { law, reason } of tests) {
          if (reason === undefined) runner.it(law.title, () => Bench.prove(options, law, common))
          else runner.it.skip(`${law.title} (skipped: ${reason})`, async () => {})
        }
      })
    }
  })
  return { laws, skipped }
}

function missing(law: Law, supports: StoreSupports): string | undefined {
  if (law.needs === undefined || supports[law.needs]) return undefined
  return `the store does not support ${law.needs}`
}
