export {
  type Catalog,
  catalog,
  createCatalog,
  defineEvent,
  describe,
  type EventType,
  type StandardSchemaV1,
} from './catalog/index.ts'
export type { BatchReader } from './follow/event-reader.ts'
export type { SubjectEvent, SubjectSummary } from './lifecycle/subject.ts'
export {
  METRIC_NAMES,
  type Measured,
  type MetricName,
  type MetricQuery,
  type MetricStream,
  type MetricsOptions,
  type MetricValue,
  type MetricWindow,
} from './measure/index.ts'
export {
  AnnalsError,
  type AuditEvent,
  type Change,
  type Draft,
  type Durability,
  diff,
  ERROR_CODES,
  type ErrorCode,
  type Json,
  type Limits,
} from './model/index.ts'
export type { GroupBy, Mask, Scope, TimeSpans } from './query/index.ts'
export type { Ambient } from './record/ambient.ts'
export type {
  EventEmitterLike,
  EventSource,
  EventTargetLike,
  InteropObservable,
  ObservableLike,
  Observer,
} from './record/event-source.ts'
export type { Convert, Converters, ConvertersOf, Listening, ListenOptions } from './record/listening.ts'
export type { Operation, Recorded, Refused } from './record/recorded.ts'
export type { SpoolOptions } from './record/spool/open-spool.ts'
export { type CompareCheckpointsOptions, compareCheckpoints } from './trail/compare-checkpoints.ts'
export {
  type ExportEvidenceOptions,
  type ExportedEvidence,
  exportEvidence,
} from './trail/evidence/export-evidence.ts'
export { type ExportedTiles, type ExportTilesOptions, exportTiles } from './trail/export-tiles.ts'
export { type HashLookupOptions, hashLookup } from './trail/hash-lookup.ts'
export type { KeeperAction, LocalEventStream, LocalReader, LocalTrail } from './trail/local-trail.ts'
export { openArchive } from './trail/open-archive.ts'
export { openReader } from './trail/open-reader.ts'
export { type OpenTrailOptions, openTrail } from './trail/open-trail.ts'
export type { ConsistencyProof } from './trail/prove-growth.ts'
export {
  type EntityRef,
  type EntityState,
  type EntityStateOptions,
  type EntitySummary,
  type EntitySummaryOptions,
  type EventRef,
  entityState,
  entitySummary,
  type Facet,
  type Facets,
  type FacetsOptions,
  type Folded,
  facets,
  type Histogram,
  type HistogramOptions,
  histogram,
  type KnownPlace,
  type Related,
  type RelatedEvent,
  type RelatedOptions,
  type Relation,
  related,
} from './trail/questions/index.ts'
export {
  type ArchivedChunkListing,
  type ArchivePlace,
  listArchive,
  type RestoreArchiveOptions,
  type RestoredArchive,
  restoreArchive,
} from './trail/restore-archive.ts'
export { type ExportedEvent, type ExportSubjectOptions, exportSubject } from './trail/subject-export.ts'
export { type SubmitActOptions, type SubmitOptions, submit, submitAct } from './trail/submit.ts'
export type {
  CatalogListing,
  CountOptions,
  Counts,
  EventStream,
  EventsOptions,
  FindOptions,
  Found,
  PerformOptions,
  ReadOptions,
  ReceiptOptions,
  Seek,
  Trail,
  TrailReader,
} from './trail/trail.ts'
export type { TrailStatus } from './trail/trail-status.ts'
export { type VerifyArchiveOptions, verifyArchive } from './trail/verify-archive.ts'
export { isEvidence, verifyEvidence } from './trail/verify-evidence.ts'
export { type Trust, verifyReceipt } from './trail/verify-receipt.ts'
export { verifyChunk, verifyDirectory } from './trail/verify-store.ts'
export type { VerifyArchiveReport } from './verify/archive/report.ts'
export type { CheckpointComparison } from './verify/compare-checkpoints.ts'
export type { DisclosedEvent } from './verify/disclosed-event.ts'
export type { EvidenceReport } from './verify/evidence/verify-evidence.ts'
export type { ReceiptReport } from './verify/receipt.ts'
export type { Finding, VerifyOptions, VerifyReport } from './verify/report.ts'
