export { type ArchiveReport, type ArchiveSuiteOptions, testArchive } from './archive-suite.ts'
export type { StoreRunner, StoreTest } from './store-runner.ts'
export { type StoreReport, testStore } from './store-suite.ts'
export type { StoreSuiteOptions } from './store-suite-options.ts'
