import { readFileSync } from 'node:fs'

/** Version of this package. */
export function version(): string {
  // The file lies one folder up from `src` and from `dist` alike.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const parsed: unknown = JSON.parse(text)
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed
    ? String(parsed.version)
    : '0.0.0'
}
