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
  /**
   * Runs after the tests of a `describe`; node:test and mocha call it `after`. With it, laws that hold of any log share an
   * opened one, so that the suite takes less time; its tests must then run one after the other. Without it, each law opens
   * its own.
   */
  readonly afterAll?: ((body: () => Promise<void>) => unknown) | undefined
}
