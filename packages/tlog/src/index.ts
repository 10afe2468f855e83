// For users
export {
  type AddCheckpoint,
  formatAddCheckpoint,
  formatSignatures,
  MAX_ADD_CHECKPOINT,
  parseAddCheckpoint,
  parseSignatures,
} from './add-checkpoint.ts'
export { fromBase64, fromBase64Url, toBase64, toBase64Url } from './base64.ts'
export { CanonicalError, type CanonicalReason } from './canonical-fault.ts'
export { type CheckedProof, checkProof, type ProofTrust } from './check-proof.ts'
export { type Checkpoint, formatCheckpoint, type ParsedCheckpoint, parseCheckpoint } from './checkpoint.ts'
export { checkConsistency, proveConsistency } from './consistency.ts'
// For other libraries
export {
  type Cosignature,
  type CosignerOptions,
  cosignatureMessage,
  cosignatureVerifier,
  cosigner,
  formatCosignature,
  parseCosignature,
  TYPE_COSIGNATURE,
} from './cosignature.ts'
export { decodeEntryBundle, encodeEntryBundle, MAX_ENTRY_SIZE } from './entry-bundle.ts'
export { TlogError, type TlogErrorCode } from './error.ts'
export { Frontier } from './frontier.ts'
export { emptyRoot, HASH_SIZE, type Hash, leafHash, nodeHash, type Sha256 } from './hash.ts'
export { checkInclusion, proveInclusion } from './inclusion.ts'
export { type CanonicalizeOptions, canonicalize, canonicalizeString, DEFAULT_MAX_DEPTH } from './jcs.ts'
export {
  type Ed25519Sign,
  type Ed25519Verify,
  ed25519Signer,
  ed25519Verifier,
  formatVerifierKey,
  keyId,
  parseVerifierKey,
  type SignerOptions,
  TYPE_ED25519,
  type VerifierKey,
} from './keys.ts'
export type { NoteSignature } from './note.ts'
export {
  formatNote,
  isKeyName,
  MAX_NOTE_SIGNATURES,
  MAX_NOTE_SIZE,
  type ParsedNote,
  parseNote,
} from './note.ts'
export { type NoteSigner, type NoteVerifier, type OpenedNote, openNote, signNote } from './note-sign.ts'
export { type OpenedCheckpoint, openCheckpoint } from './open-checkpoint.ts'
export { parseCanonical } from './parse-canonical.ts'
export { MAX_PROOF_HASHES } from './proof-path.ts'
export { MAX_SIZE } from './size.ts'
export { splitStoredHashId, storedHashCount, storedHashId, type TreePlace } from './stored-hash.ts'
export { hashFromTile, tileForHash, tilesForSize } from './tile.ts'
export {
  type EntriesTile,
  entriesPath,
  type ParsedTilePath,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  tilePath,
} from './tile-path.ts'
export { type FetchTile, TileReader, type TileReaderOptions } from './tile-reader.ts'
export {
  formatProof,
  MAX_PROOF_TEXT,
  type ParsedTlogProof,
  parseProof,
  type TlogProof,
} from './tlog-proof.ts'
export { frontierIds, type HashReader, rootFromFrontier, treeHash } from './tree.ts'
