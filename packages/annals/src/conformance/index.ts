export { type StoreReport, type StoreSuiteOptions, testStore } from './store-suite.ts'
export type { StoreRunner, StoreTest } from './store-runner.ts'
