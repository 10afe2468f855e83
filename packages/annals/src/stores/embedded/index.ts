export {
  classSecrets,
  type KeptPart,
  onlyEntries,
  punctured,
  type SecretSet,
} from '../../log/class-secrets.ts'
export { type GgmNode, ggmSeed } from '../../log/ggm.ts'
export type {
  ClassSecrets,
  KeyEncryptionKey,
  KeyStore,
  Person,
  Puncture,
  SubjectKey,
} from '../../log/key-store.ts'
export { leaveAct, leaveRequest } from './inbox-files.ts'
export { readPersonTags } from './keys/person-tags.ts'
export { type EmbeddedOptions, openEmbedded } from './open.ts'
export { openEmbeddedReader } from './open-reader.ts'
