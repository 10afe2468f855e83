export type { StoreRunner, StoreTest } from './store-runner.ts'
export { type StoreReport, type StoreSuiteOptions, testStore } from './store-suite.ts'
