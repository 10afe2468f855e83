export {
  type CatalogOptions,
  catalog,
  createCatalog,
  type Flat,
  type Nested,
} from './catalog.ts'
export type { Catalog } from './contract.ts'
export type { Describing } from './describe.ts'
export { describe, sentenceWords } from './describe.ts'
export { defineEvent, type EventType, type EventTypeOptions, type Upcaster } from './event-type.ts'
export { type DescribedSchema, dataSchema, type JsonSchema } from './json-schema.ts'
export { LOG_TYPES } from './log-types.ts'
export { type CatalogEntry, catalogDigest, type Manifest, sameManifest } from './manifest.ts'
export { INTERNAL_PART, type Parts, type PersonPointer } from './parts.ts'
export { type PartPersons, type PersonRef, personsOf } from './persons.ts'
export { catalogFromManifest } from './read-manifest.ts'
export { RETENTION_CLASSES, type RetentionClasses } from './retention-classes.ts'
export { searchedSentence } from './searched-sentence.ts'
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchemaV1,
} from './standard-schema.ts'
export type { Statement } from './statement.ts'
export type { ActionOf, DataInput, DataOutput, DraftArguments, DraftFor, TypesOf } from './typed.ts'
