export {
  type Catalog,
  catalog,
  createCatalog,
  defineEvent,
  describe,
  type EventType,
  type StandardSchemaV1,
} from './catalog/index.ts'
export {
  AnnalsError,
  type AuditEvent,
  type Change,
  type Draft,
  diff,
  ERROR_CODES,
  type ErrorCode,
  type Json,
  type Limits,
} from './model/index.ts'
export type { Ambient } from './record/ambient.ts'
export type { Durability, Operation, Recorded, Refused } from './record/recorded.ts'
export { type ExportTilesOptions, exportTiles } from './trail/export-tiles.ts'
export { openReader } from './trail/open-reader.ts'
export { type OpenTrailOptions, openTrail } from './trail/open-trail.ts'
export { type SubmitOptions, submit } from './trail/submit.ts'
export type {
  CatalogListing,
  Counts,
  EventsOptions,
  FindOptions,
  Found,
  ReadOptions,
  Seek,
  Trail,
  TrailReader,
} from './trail/trail.ts'
export { verifyDirectory } from './trail/verify-store.ts'
export type { Finding, VerifyOptions, VerifyReport } from './verify/report.ts'
