export {
  type ImporterSample,
  type ImporterSuiteOptions,
  importerSuite,
  type SuiteRunner,
} from './importer-suite.ts'
export { checkRouteCoverage, type RouteCoverageOptions } from './route-coverage.ts'
export { type SampleOptions, sampleDrafts } from './sample-events.ts'
export type { ServiceRoute } from './service-route.ts'
