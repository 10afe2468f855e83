export { leaveRequest } from './inbox.ts'
export { type EmbeddedOptions, openEmbedded } from './open.ts'
export { openEmbeddedReader } from './open-reader.ts'
