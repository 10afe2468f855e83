export {
  type ImporterSample,
  type ImporterSuiteOptions,
  importerSuite,
  type SuiteRunner,
} from './importer-suite.ts'
export { type SampleOptions, sampleDrafts } from './sample-events.ts'
