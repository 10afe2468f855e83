/** Registers one test. */
export interface StoreTest {
  (name: string, body: () => Promise<void>): unknown
  /** Registers a test that is not run; its name says why. */
  skip(name: string, body: () => Promise<void>): unknown
}

/** What a suite needs of a test runner; vitest, node:test, mocha and jest have it. */
export interface StoreRunner {
  describe(name: string, body: () => void): unknown
  readonly it: StoreTest
}
