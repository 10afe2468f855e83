import { hash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

/** Directory of sources without their types. It goes with `node_modules`. */
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/annals-sources/', import.meta.url))

/** Path of a source without its types: named by what it is made from, so it is never stale. */
export function entryOf(/** @type {string} */ text) {
  return `${CACHE}${hash('sha256', `${process.version}\n${text}`)}.js`
}
