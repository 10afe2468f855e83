import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ARCHIVE_DICTIONARY, ARCHIVE_DICTIONARY_ID } from './archive-dictionary.ts'
import { sha256Base64Url } from './digest.ts'

const FILE = new URL('../../../../spec/dictionary-v1.txt', import.meta.url)

it('the dictionary is the published file, byte for byte', () => {
  const published = readFileSync(FILE)
  expect(ARCHIVE_DICTIONARY.equals(published)).toBe(true)
  expect(ARCHIVE_DICTIONARY_ID).toBe(sha256Base64Url(published))
  // A published dictionary never changes: archives name it. A better one is another file.
  expect(ARCHIVE_DICTIONARY_ID).toBe('QFsoNc9ZBqb0sF9jPfEs6FLeMFJ4zs0EjikZ1jOTBnE')
})

it('fits the window of deflate', () => {
  expect(ARCHIVE_DICTIONARY.length).toBeLessThan(32 * 1024)
})
