import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as tlog from './index.ts'

test('the public surface changes only on purpose', () => {
  expect(Object.keys(tlog).sort()).toMatchInlineSnapshot(`
    [
      "CanonicalError",
      "DEFAULT_MAX_DEPTH",
      "Frontier",
      "HASH_SIZE",
      "MAX_ADD_CHECKPOINT",
      "MAX_ENTRY_SIZE",
      "MAX_NOTE_SIGNATURES",
      "MAX_NOTE_SIZE",
      "MAX_PROOF_HASHES",
      "MAX_PROOF_TEXT",
      "MAX_SIZE",
      "TILE_WIDTH",
      "TYPE_COSIGNATURE",
      "TYPE_ED25519",
      "TileReader",
      "TlogError",
      "canonicalize",
      "canonicalizeString",
      "checkConsistency",
      "checkInclusion",
      "checkProof",
      "cosignatureMessage",
      "cosignatureVerifier",
      "cosigner",
      "decodeEntryBundle",
      "ed25519Signer",
      "ed25519Verifier",
      "emptyRoot",
      "encodeEntryBundle",
      "entriesPath",
      "formatAddCheckpoint",
      "formatCheckpoint",
      "formatCosignature",
      "formatNote",
      "formatProof",
      "formatSignatures",
      "formatVerifierKey",
      "fromBase64",
      "fromBase64Url",
      "frontierIds",
      "hashFromTile",
      "isKeyName",
      "keyId",
      "leafHash",
      "nodeHash",
      "openCheckpoint",
      "openNote",
      "parseAddCheckpoint",
      "parseCanonical",
      "parseCheckpoint",
      "parseCosignature",
      "parseNote",
      "parseProof",
      "parseSignatures",
      "parseTilePath",
      "parseVerifierKey",
      "proveConsistency",
      "proveInclusion",
      "rootFromFrontier",
      "signNote",
      "splitStoredHashId",
      "storedHashCount",
      "storedHashId",
      "tileForHash",
      "tilePath",
      "tilesForSize",
      "toBase64",
      "toBase64Url",
      "treeHash",
    ]
  `)
})

test('every export has a comment, and every function an example', () => {
  const index = readFileSync(new URL('index.ts', import.meta.url), 'utf8')
  for (const [, names = '', file = ''] of index.matchAll(
    /export (?:type )?\{([^}]*)\} from '\.\/([a-z0-9-]+\.ts)'/g,
  )) {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8')
    for (const name of names.split(',').map(part => part.replace('type ', '').trim())) {
      if (name === '') continue
      const match = new RegExp(
        `(/\\*\\*(?:(?!\\*/)[^])*\\*/)\\nexport (async function|function|class|[a-z]+) ${name}\\b`,
      ).exec(source)
      expect(match, `${file}: ${name} needs a doc comment`).not.toBeNull()
      const [, comment = '', kind = ''] = match ?? []
      if (/function|class/.test(kind))
        expect(comment, `${file}: ${name} needs an @example`).toContain('@example')
    }
  }
})
