import { readFileSync } from 'node:fs'

/** Version of this package. */
export const VERSION: string = read()

function read(): string {
  // The file lies two folders up from `src/status` and from `dist/status` alike.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version: unknown }).version)
}
