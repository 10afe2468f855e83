// For users
export {
  type VerifyDirectoryOptions,
  verifyDirectory,
} from '../stores/embedded/verify/verify-directory.ts'
export type { Finding, VerifyOptions, VerifyReport } from './report.ts'
