// For users
export {
  type VerifyDirectoryOptions,
  verifyDirectory,
} from '../stores/embedded/verify/verify-directory.ts'
